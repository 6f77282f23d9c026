"""Bone densitometry from DICOM: regional BMD, T- and Z-scores, Genant grades of vertebral height loss."""
from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import _dxa

if TYPE_CHECKING:
    import numpy
    import numpy.typing
    import pandas

__all__ = ["Image", "analyze", "frames", "grade", "images", "version"]

version: str = _dxa.version()
Source = "str | os.PathLike[str] | bytes | Iterable[str | os.PathLike[str] | bytes]"


def _sources(source: Any) -> tuple[list[str], list[tuple[str, bytes]]]:
    """Paths, and the bytes of files with the names that errors call them by."""
    several = [source] if isinstance(source, (str, bytes, bytearray, memoryview, os.PathLike)) else list(source)
    paths: list[str] = []
    objects: list[tuple[str, bytes]] = []
    for at, one in enumerate(several):
        if isinstance(one, (bytes, bytearray, memoryview)):
            objects.append((f"object {at}", bytes(one)))
        else:
            paths.append(os.fspath(one))
    return paths, objects


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value)


def analyze(
    source: Any,
    *,
    profile: str | None = None,
    references: Sequence[str] = (),
    context: Mapping[str, Any] | None = None,
    corrections: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Analyzes files, folders and bytes; gives the document `dxa.analysis/1` as a dictionary.

    `profile` chooses rules and tables, `references` names tables to score against besides, `context` is what DICOM
    does not know of the one person these files are about, `corrections` what a reader changed: both in the shape of
    the files that `dxa analyze` takes.

    Raises `ValueError` for what is wrong in the call. What cannot be read or measured is in the document.
    """
    paths, objects = _sources(source)
    return json.loads(_dxa.analyze(paths, objects, profile, list(references), _json(context), _json(corrections)))


@dataclass(frozen=True)
class Image:
    """The image of a scan, and where each region lies in it."""

    study: str | None
    """Study Instance UID."""
    scan: int
    """Index of the scan in the document of `analyze`."""
    kind: str
    """`ap_spine`, `hip`, `forearm` or `lateral_spine`."""
    quantity: str
    """`bone_density`: `values` are g/cm² with soft tissue at zero; `gray`: for looking at, never a density."""
    values: "numpy.typing.NDArray[numpy.float32]" = field(repr=False)
    """Rows × columns."""
    measured: "numpy.typing.NDArray[numpy.uint8]" = field(repr=False)
    """1 where a pixel shows measured tissue, 0 in air, padding and where there are no counts."""
    spacing_mm: tuple[float, float]
    """Row and column spacing."""
    masks: "dict[str, numpy.typing.NDArray[numpy.uint8]]" = field(repr=False)
    """1 where the middle of a pixel lies in a region, by site."""


def images(source: Any, *, profile: str | None = None, corrections: Mapping[str, Any] | None = None) -> list[Image]:
    """The images that regions are found in, as numpy arrays, with a mask for each region."""
    paths, objects = _sources(source)
    return [Image(**image) for image in _dxa.images(paths, objects, profile, _json(corrections))]


def grade(table: Any) -> "pandas.DataFrame":
    """Six-point vertebral morphometry: a CSV file, its text, or a frame in; a frame out, as `dxa grade` writes it."""
    import pandas

    if hasattr(table, "to_csv"):
        text = table.to_csv(index=False)
    elif isinstance(table, str) and "\n" in table:
        text = table
    else:
        with open(table, encoding="utf-8") as file:
            text = file.read()
    return pandas.read_csv(io.StringIO(_dxa.grade(text)), dtype={"subject": str})


def frames(document: Mapping[str, Any]) -> "dict[str, pandas.DataFrame]":
    """Long tables of a document: one row a study, region, score, vertebra, check, refusal."""
    import pandas

    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("studies", "regions", "scores", "vertebrae", "quality", "refusals")
    }
    for study in document["studies"]:
        uid = {"study": study["study"]["instance_uid"]}
        patient, assessment = study["patient"], study["assessment"]
        rows["studies"].append(
            uid
            | {key: study["study"][key] for key in ("date", "accession_number")}
            | {key: patient[key] for key in ("id", "sex", "age_years", "ethnicity")}
            | {key: assessment[key] for key in ("profile", "score_basis", "who_category", "age_category")}
            | {"protocol_sha256": study["provenance"]["protocol_sha256"]}
        )
        for region in study["regions"]:
            place = uid | {key: region[key] for key in ("scan", "site", "laterality", "provenance")}
            rows["regions"].append(
                place | {key: region[key] for key in ("area_cm2", "bmc_g", "bmd_g_cm2", "uncertainty_g_cm2", "method")}
            )
            for score in region["scores"]:
                rows["scores"].append(
                    place
                    | {key: score[key] for key in ("kind", "value", "exact", "percent")}
                    | {f"reference_{key}": score["reference"][key] for key in ("id", "version", "population", "status")}
                )
        for vertebra in study["vertebrae"]:
            flat = {key: vertebra[key] for key in ("scan", "level", "evaluable", "provenance", "shape", "grade")}
            for group in ("heights_mm", "loss_percent"):
                for part in ("anterior", "middle", "posterior"):
                    flat[f"{group}_{part}"] = (vertebra[group] or {}).get(part)
            for at, value in enumerate(vertebra["grade_probabilities"] or [None] * 4):
                flat[f"p{at}"] = value
            rows["vertebrae"].append(uid | flat | {"flags": ";".join(vertebra["flags"])})
        for check in study["quality"]:
            rows["quality"].append(uid | {key: check[key] for key in ("scan", "id", "status", "measured", "limit", "unit")})
        for refusal in study["refusals"]:
            rows["refusals"].append(uid | {key: refusal[key] for key in ("scan", "code", "message")})
    return {name: pandas.DataFrame(table) for name, table in rows.items()}

"""Bone densitometry from DICOM: regional BMD, T- and Z-scores, Genant grades of vertebral height loss."""
from __future__ import annotations

import csv
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

__all__ = ["Image", "Table", "analyze", "frames", "grade", "images", "score", "tables", "version"]

Table = _dxa.Table

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


# What the tables of `score` and `grade` hold beside numbers.
_TEXTS = {
    "id", "site", "laterality", "t_reference", "z_reference", "category", "notes", "subject", "level", "shape", "flags",
}


def _csv(table: Any) -> tuple[str, bool]:
    """A table as the text of a CSV file, and whether it came as a list of rows."""
    if hasattr(table, "to_csv"):
        return table.to_csv(index=False), False
    if isinstance(table, str) and "\n" in table:
        return table, False
    if isinstance(table, (str, os.PathLike)):
        with open(table, encoding="utf-8", newline="") as file:
            return file.read(), False
    rows = list(table)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue(), True


def _value(name: str, cell: str) -> Any:
    if not cell:
        return None
    if name in _TEXTS:
        return cell
    if name == "evaluable":
        return cell == "true"
    return int(cell) if name == "grade" else float(cell)


def _table(text: str, as_rows: bool) -> Any:
    if as_rows:
        rows = csv.DictReader(io.StringIO(text, newline=""))
        return [{name: _value(name, cell) for name, cell in row.items()} for row in rows]
    import pandas

    # An id that reads `NA` is an id, and a number is the one that was written, to its last digit.
    return pandas.read_csv(
        io.StringIO(text), dtype={name: str for name in _TEXTS}, keep_default_na=False, na_values=[""],
        float_precision="round_trip",
    )


def score(table: Any, *, profile: str | None = None, references: Sequence[str] = ()) -> Any:
    """T- and Z-scores of densities: rows with the columns of `dxa score` in, one row for each out.

    Takes a CSV file, its text, or a frame, and gives a frame; or takes a list of dictionaries, and gives one.
    `profile` chooses the reference tables; with `references` there is a row for each row and table instead.

    Raises `ValueError` for what is wrong in the call. A score that cannot be given is missing, and `notes` says why.
    """
    text, as_rows = _csv(table)
    return _table(_dxa.score(text, profile, list(references)), as_rows)


def grade(table: Any) -> Any:
    """Six-point vertebral morphometry: rows with the columns of `dxa grade` in, one row for each out.

    Takes a CSV file, its text, or a frame, and gives a frame; or takes a list of dictionaries, and gives one.
    """
    text, as_rows = _csv(table)
    return _table(_dxa.grade(text), as_rows)


def tables(document: Mapping[str, Any]) -> dict[str, Table]:
    """The tables of `dxa batch`, made of a document: studies, scans, regions, scores, vertebrae and others, by name.

    Each speaks the Arrow PyCapsule interface, so that `pyarrow.table(t)`, `polars.DataFrame(t)` and
    `duckdb.from_arrow(t)` take it without copying it; units and meanings are the metadata of its fields.
    A document does not tell which files a study is of: `files`, `copies` and `input_sha256` are null.
    """
    return {table.name: table for table in _dxa.tables(json.dumps(document))}


def frames(document: Mapping[str, Any]) -> "dict[str, pandas.DataFrame]":
    """The same tables as frames of pandas, whose columns are the Arrow arrays themselves. Needs pyarrow."""
    import pandas
    import pyarrow

    def frame(table: Table) -> "pandas.DataFrame":
        return pyarrow.table(table).to_pandas(types_mapper=pandas.ArrowDtype)

    return {name: frame(table) for name, table in tables(document).items()}

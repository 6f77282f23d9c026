"""The Python package gives what the command gives: dictionaries, tables, arrays and masks of the same numbers."""
import contextlib
import csv
import gc
import importlib
import io
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy
import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet
from peer import DXA, ROOT, check, finish

MODULE = os.environ.get("DXA_MODULE", str(ROOT / "target/debug/lib_dxa.so"))
SCANS = ROOT / "test-scans"


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        dxa = package(folder)
        check(dxa.version in subprocess.run([DXA, "--version"], capture_output=True, text=True).stdout, "version")
        same_document(dxa, folder)
        tables(dxa, folder)
        frames(dxa)
        arrays(dxa, folder)
        graded(dxa, folder)
        scored(dxa, folder)
        example()
        wrong_calls(dxa, folder)
        others_run(dxa)
    finish("properties of the Python package")


def package(folder):
    """The package as a wheel lays it out: its sources with the module beside them."""
    shutil.copytree(ROOT / "crates/dxa-python/python/dxa", folder / "dxa")
    shutil.copy(MODULE, folder / "dxa/_dxa.abi3.so")
    sys.path.insert(0, str(folder))
    return importlib.import_module("dxa")


def command(*arguments):
    done = subprocess.run([DXA, "analyze", "--json", *map(str, arguments)], capture_output=True, text=True)
    return json.loads(done.stdout)


def same_document(dxa, folder):
    """All test scans, as a folder, as single paths and as bytes, under two profiles."""
    check(dxa.analyze(SCANS) == command(SCANS), "the document of a folder differs")
    files = sorted(SCANS.glob("07-*.dcm"))
    told = command(*files, "--profile", "china-2022")
    check(dxa.analyze(files, profile="china-2022") == told, "the document of paths differs")
    held = dxa.analyze([file.read_bytes() for file in files], profile="china-2022")
    check(held["studies"] == told["studies"], "the studies of bytes differ")
    context = {"menopause": "post"}
    (folder / "context.json").write_text(json.dumps(context))
    one = files[0]
    told = command(one, "--context", folder / "context.json")
    try:
        check(dxa.analyze(one, context=context) == told, "the document with a context differs")
    except ValueError as error:
        check(False, f"a context is refused: {error}")
    damaged = dxa.analyze(b"no DICOM at all")
    check(damaged["studies"] == [] and damaged["errors"][0]["code"] == "unreadable", f"bytes of nothing: {damaged}")


# What a document does not tell of files.
OF_FILES = ["files", "copies", "input_sha256"]
# What a document tells of studies beside each other, which a batch does not.
AMONG_STUDIES = ["study_duplicate"]


def tables(dxa, folder):
    """The tables of a document are those of a batch, for pyarrow and for polars."""
    out = folder / "run"
    subprocess.run([DXA, "batch", str(SCANS), "--out", str(out), "--formats", "parquet"], check=True, capture_output=True)
    found = dxa.tables(dxa.analyze(SCANS))
    files = sorted(path.stem for path in out.glob("*.parquet"))
    check(sorted(found) == files and len(files) == 10, f"tables {sorted(found)} of {files}")
    for name, table in found.items():
        own, other = pyarrow.table(table), pyarrow.parquet.read_table(out / f"{name}.parquet")
        check(own.schema.equals(other.schema), f"{name}: {own.schema} and not {other.schema}")
        check(table.columns == other.column_names and len(table) == own.num_rows, f"{name}: {table!r}")
        own, other = compared(name, own), compared(name, other)
        check(own.equals(other), f"{name} differs: {own.num_rows} and {other.num_rows} rows")
        check(name == "errors" or own.num_rows > 0, f"{name} is empty")
        frame = polars.DataFrame(table)
        check(compared(name, frame.to_arrow().cast(pyarrow.table(table).schema)).equals(own), f"{name}: polars has other values")
    density = pyarrow.table(found["regions"]).schema.field("bmd_g_cm2").metadata
    check(density == {b"unit": b"g/cm2", b"meaning": b"Areal bone mineral density."}, f"notes {density}")
    nobody_copied(found["regions"])


def compared(name, table):
    """What must be equal: not what needs the files, other studies, or the place from which paths begin."""
    if name == "studies":
        table = table.drop_columns(OF_FILES)
    if name == "findings":
        code = pyarrow.compute.is_in(table["code"], value_set=pyarrow.array(AMONG_STUDIES))
        table = table.filter(pyarrow.compute.invert(code))
    if name == "quality":
        check_ = pyarrow.compute.equal(table["check"], "spine-area-change")
        table = table.filter(pyarrow.compute.invert(check_))
    if name == "errors":
        return table.select(["code", "message"]).sort_by([("code", "ascending"), ("message", "ascending")])
    # Without a UID the key of a study holds within its run only.
    key = pyarrow.compute.if_else(pyarrow.compute.is_valid(table["study_uid"]), table["study_key"], None)
    return table.set_column(0, "study_key", key).combine_chunks().replace_schema_metadata(None)


def nobody_copied(table):
    """Whoever takes a table sees the same memory, which stays while somebody looks at it."""
    one, other = pyarrow.table(table), pyarrow.table(table)
    frame = one.to_pandas(types_mapper=pandas.ArrowDtype)
    places = {
        column.chunk(0).buffers()[1].address
        for column in (one["bmd_g_cm2"], other["bmd_g_cm2"], pyarrow.chunked_array(frame["bmd_g_cm2"].array.__arrow_array__()))
    }
    check(len(places) == 1, f"densities lie at {places}")
    before = one["bmd_g_cm2"].to_pylist()
    del table, one, other
    gc.collect()
    check(frame["bmd_g_cm2"].replace({numpy.nan: None}).tolist() == before and len(before) > 100, "the values went with the table")


def frames(dxa):
    document = dxa.analyze(SCANS)
    tables = dxa.frames(document)
    counts = {name: sum(len(study[name]) for study in document["studies"]) for name in ("regions", "vertebrae", "quality")}
    for name, count in counts.items():
        check(len(tables[name]) == count > 0, f"{name}: {len(tables[name])} rows for {count}")
    scores = sum(len(region["scores"]) for study in document["studies"] for region in study["regions"])
    check(len(tables["scores"]) == scores > 0, "scores")
    check(pandas.api.types.is_float_dtype(tables["regions"]["bmd_g_cm2"].dtype), "densities are no numbers")
    first = next(region for study in document["studies"] for region in study["regions"])
    check(tables["regions"].iloc[0]["bmd_g_cm2"] == first["bmd_g_cm2"], "the first density differs")


def arrays(dxa, folder):
    """Density over a mask is the density of the region, as far as whole pixels can tell; gray has none."""
    for kind, site in (("ap-spine", "L2"), ("hip", "intertrochanter"), ("forearm", "radius_33")):
        out = folder / kind
        subprocess.run([DXA, "simulate", kind, "--out", str(out), "--seed", "77"], check=True, capture_output=True)
        (image,) = dxa.images(out)
        regions = {region["site"]: region for region in dxa.analyze(out)["studies"][0]["regions"]}
        check(image.quantity == "bone_density" and image.values.dtype == numpy.float32, f"{kind}: {image}")
        check(image.values.flags.c_contiguous and image.values.shape == image.measured.shape, f"{kind}: shape")
        mask = image.masks[site].astype(bool)
        cm2 = mask.sum() * image.spacing_mm[0] * image.spacing_mm[1] / 100
        check(abs(cm2 / regions[site]["area_cm2"] - 1) < 0.02, f"{kind}: {cm2} cm² of {regions[site]['area_cm2']}")
        density = image.values[mask].mean()
        check(abs(density / regions[site]["bmd_g_cm2"] - 1) < 0.06, f"{kind}: {density} of {regions[site]['bmd_g_cm2']}")
    shown = dxa.images(SCANS / "01-ge-idxa-ap-spine.dcm")
    check(shown and shown[0].quantity == "gray" and shown[0].values.max() <= 1, "a display image has a density")
    check(dxa.images(SCANS / "10-pdf-spine.dcm") == [], "a document has an image")


def graded(dxa, folder):
    rows = ["subject,level,ps_x,ps_y,ms_x,ms_y,as_x,as_y,ai_x,ai_y,mi_x,mi_y,pi_x,pi_y"]
    levels = ["T10", "T11", "T12", "L1", "L2", "L3", "L4"]
    for at, level in enumerate(levels):
        top, front = 30.0 * at, 17.0 if level == "L1" else 24.0
        rows.append(f"01,{level},0,{top},15,{top},30,{top},30,{top + front},15,{top + 24},0,{top + 25}")
    text = "\n".join(rows) + "\n"
    (folder / "points.csv").write_text(text)
    told = subprocess.run([DXA, "grade", str(folder / "points.csv")], capture_output=True, text=True, check=True).stdout
    frame = dxa.grade(folder / "points.csv")
    check(frame.to_csv(index=False).count("\n") == told.count("\n"), "rows of grades")
    check(list(frame["grade"])[3] >= 2 and frame["subject"][0] == "01", f"grades {list(frame['grade'])}")
    check(dxa.grade(text).equals(frame) and dxa.grade(pandas.read_csv(folder / "points.csv", dtype={"subject": str})).equals(frame), "grades of a text and a frame")


def scored(dxa, folder):
    """Densities as a file, a text, a frame and rows: the cells that `dxa score` writes, by a profile and by name."""
    rows = [
        {"id": f"0{at}", "sex": sex, "age": age, "ethnicity": "chinese", "manufacturer": maker, "site": site, "laterality": "L", "bmd": bmd}
        for at, (sex, age, maker, site, bmd) in enumerate(
            [
                ("F", 63.28, "Hologic", "femoral_neck", 0.612),
                ("F", 63.28, "Hologic", "L1-L4", 0.8731),
                ("M", 41, "Lunar", "total_hip", 0.95),
                ("F", None, "Hologic", "total_hip", 0.8),
                ("F", 70, "Hologic", "total_hip", 8.0),
            ]
        )
    ]
    rows.append({**rows[0], "id": "NA"})
    frame = pandas.DataFrame(rows)
    path = folder / "densities.csv"
    frame.to_csv(path, index=False)
    tables = ["nhanes3-us-nhw", "china-women-2007"]
    named = [word for table in tables for word in ("--reference", table)]
    for options, arguments in (({}, []), ({"profile": "china-2022"}, ["--profile", "china-2022"]), ({"references": tables}, named)):
        done = subprocess.run([DXA, "score", str(path), *arguments], check=True, capture_output=True, text=True)
        told = list(csv.DictReader(io.StringIO(done.stdout)))
        given = dxa.score(path, **options)
        check(texts(given) == told and len(told) >= len(rows), f"{options}: {texts(given)} of {told}")
        check(any(row["t"] for row in told) and any(not row["t"] for row in told), f"{options}: scores {told}")
        for other in (path.read_text(), frame):
            check(dxa.score(other, **options).equals(given), f"{options}: other scores of {type(other)}")
        of_rows = dxa.score(rows, **options)
        same = [{name: None if pandas.isna(cell) else cell for name, cell in row.items()} for row in given.to_dict("records")]
        check(of_rows == same and of_rows[0]["id"] == "00", f"{options}: rows {of_rows}")


def texts(frame):
    """A frame as the cells of a CSV file, each number with the decimals that the command writes."""
    decimals = {"t": 1, "t_exact": 4, "z": 1, "z_exact": 4}

    def cell(name, value):
        if pandas.isna(value):
            return ""
        return f"{value:.{decimals[name]}f}" if name in decimals else value

    return [{name: cell(name, value) for name, value in row.items()} for row in frame.to_dict("records")]


def example():
    """The cells of the example run, and what they show is there."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        made = runpy.run_path(str(ROOT / "examples/python/first_look.py"))
    check(len(made["hips"]) > 2 and made["hips"]["age_years"].notna().any(), "hips of the example")
    check(len(made["scores"]) > 0 and (made["difference"] >= 0).all(), "scores of the example")
    check([row["t"] is None for row in made["scored"]] == [False, True], f"rows of the example: {made['scored']}")
    kinds = [(image.quantity, "L1" in image.masks) for image in made["images"]]
    check(sorted(kinds) == [("bone_density", False), ("gray", True)] and "L1: " in said.getvalue(), f"images of the example: {kinds}")


def wrong_calls(dxa, folder):
    for call in (
        lambda: dxa.analyze(SCANS, profile="none"),
        lambda: dxa.analyze(folder / "nothing here"),
        lambda: dxa.analyze(SCANS, references=["none"]),
        lambda: dxa.analyze(SCANS, context={"nonsense": 1}),
        lambda: dxa.analyze(SCANS, context={"menopause": "post"}),
        lambda: dxa.analyze(SCANS, corrections={"studies": [{"study": {"instance_uid": "1.2.3"}}]}),
        lambda: dxa.grade("no\ntable\n"),
        lambda: dxa.score("no\ntable\n"),
        lambda: dxa.score([{"id": 1, "sex": "F"}]),
        lambda: dxa.score("id,sex,age,ethnicity,manufacturer,site,laterality,bmd\n", profile="none"),
        lambda: dxa.score("id,sex,age,ethnicity,manufacturer,site,laterality,bmd\n", references=["none"]),
        lambda: dxa.tables({"studies": [{"study": 1}]}),
        lambda: dxa.tables({}),
    ):
        try:
            call()
            check(False, "a wrong call is answered")
        except ValueError as error:
            check("\n" not in str(error) and len(str(error)) > 10, f"no sentence: {error!r}")


def others_run(dxa):
    """While a call computes, other threads of the interpreter go on."""
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.005)

    thread = threading.Thread(target=tick)
    thread.start()
    began = time.monotonic()
    dxa.analyze(SCANS)
    ended = time.monotonic()
    done.set()
    thread.join()
    during = [at for at in ticks if began < at < ended]
    check(len(during) > (ended - began) / 0.05, f"{len(during)} ticks in {ended - began:.2f} s")


if __name__ == "__main__":
    main()

"""The Python package gives what the command gives: dictionaries, frames, arrays and masks of the same numbers."""
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy
import pandas
from peer import DXA, ROOT, check, finish

MODULE = os.environ.get("DXA_MODULE", str(ROOT / "target/debug/lib_dxa.so"))
SCANS = ROOT / "test-scans"


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        dxa = package(folder)
        check(dxa.version in subprocess.run([DXA, "--version"], capture_output=True, text=True).stdout, "version")
        same_document(dxa, folder)
        frames(dxa)
        arrays(dxa, folder)
        graded(dxa, folder)
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


def frames(dxa):
    document = dxa.analyze(SCANS)
    tables = dxa.frames(document)
    counts = {name: sum(len(study[name]) for study in document["studies"]) for name in ("regions", "vertebrae", "quality")}
    for name, count in counts.items():
        check(len(tables[name]) == count > 0, f"{name}: {len(tables[name])} rows for {count}")
    scores = sum(len(region["scores"]) for study in document["studies"] for region in study["regions"])
    check(len(tables["scores"]) == scores > 0, "scores")
    check(tables["regions"]["bmd_g_cm2"].dtype == numpy.float64, "densities are no numbers")
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


def wrong_calls(dxa, folder):
    for call in (
        lambda: dxa.analyze(SCANS, profile="none"),
        lambda: dxa.analyze(folder / "nothing here"),
        lambda: dxa.analyze(SCANS, references=["none"]),
        lambda: dxa.analyze(SCANS, context={"nonsense": 1}),
        lambda: dxa.analyze(SCANS, context={"menopause": "post"}),
        lambda: dxa.analyze(SCANS, corrections={"studies": [{"study": {"instance_uid": "1.2.3"}}]}),
        lambda: dxa.grade("no\ntable\n"),
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

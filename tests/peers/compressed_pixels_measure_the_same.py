"""A scan that DCMTK or pydicom laid out or compressed anew without loss gives the same densities."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pydicom
from pydicom.uid import JPEG2000Lossless, RLELossless

from peer import DXA, check, finish

# Commands of DCMTK that write a file anew, by the transfer syntax they write.
WRITERS = {
    "implicit little endian": ["dcmconv", "+ti"],
    "explicit big endian": ["dcmconv", "+tb"],
    "deflated": ["dcmconv", "+td"],
    "RLE by DCMTK": ["dcmcrle"],
    "JPEG lossless, process 14": ["dcmcjpeg", "+el"],
    "JPEG lossless, first order": ["dcmcjpeg", "+e1"],
}
KINDS = [("ap-spine", []), ("ap-spine", ["--set", "output=map"]), ("hip", [])]


def main():
    with tempfile.TemporaryDirectory() as folder:
        for number, (kind, settings) in enumerate(KINDS):
            check_kind(kind, settings, Path(folder) / str(number))
    finish("scans written anew")


def check_kind(kind, settings, folder):
    scans = folder / "scans"
    run(DXA, "simulate", kind, "--out", scans, "--seed", "7", *settings)
    (scans / "truth.json").unlink()
    regions = measured(scans)
    check(regions, f"{kind} {settings}: nothing is measured, so nothing can be compared")
    for name, command in WRITERS.items():
        def write(source, target, command=command):
            run(*command, source, target)
        compare(f"{kind} {settings} {name}", scans, folder / name.replace(" ", "-"), write, regions)
    for name, syntax in (("RLE by pydicom", RLELossless), ("JPEG 2000 by OpenJPEG", JPEG2000Lossless)):
        def write(source, target, syntax=syntax):
            dataset = pydicom.dcmread(source)
            dataset.compress(syntax, generate_instance_uid=False)
            dataset.save_as(target)
        compare(f"{kind} {settings} {name}", scans, folder / name.replace(" ", "-"), write, regions)


def compare(name, scans, folder, write, expected):
    folder.mkdir()
    for source in sorted(scans.glob("*.dcm")):
        write(source, folder / source.name)
    found = measured(folder)
    check(found == expected, f"{name}: {found} instead of {expected}")


def measured(folder):
    study = json.loads(run(DXA, "analyze", folder, "--json"))["studies"][0]
    return [[row["site"], row["area_cm2"], row["bmc_g"], row["bmd_g_cm2"]] for row in study["regions"]]


def run(*command):
    finished = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    if finished.returncode != 0:
        sys.exit(f"{command}: {finished.stderr.decode(errors='replace')[:500]}")
    return finished.stdout


main()

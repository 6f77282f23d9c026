"""Pictures of scans are Secondary Captures that dciodvfy, DCMTK and pydicom accept, of the study they belong to."""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pydicom

from peer import DXA, check, finish

# A calibrated scan of each anatomy, and a display image with a name that is not Latin.
KINDS = [("ap-spine", []), ("hip", []), ("forearm", []), ("ge-ap-spine", ["--set", "patient.name=Wang^XiaoDong=王^小东"])]
COPIED = ["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate",
          "AccessionNumber", "SpecificCharacterSet"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        for kind, settings in KINDS:
            check_kind(kind, settings, Path(folder) / kind)
    finish("properties of pictures")


def check_kind(kind, settings, folder):
    scans, out, again = folder / "scans", folder / "out", folder / "again"
    run(DXA, "simulate", kind, "--out", scans, "--seed", "5", *settings)
    (scans / "truth.json").unlink()
    for target in (out, again):
        run(DXA, "analyze", scans, "--out", target, "--formats", "json,sc")
    pictures = sorted(out.rglob("sc-*.dcm"))
    check(len(pictures) == 1, f"{kind}: {len(pictures)} pictures instead of one")
    for picture in pictures:
        same = (again / picture.relative_to(out)).read_bytes() == picture.read_bytes()
        check(same, f"{kind}: the same scan gives another picture")
        check_picture(kind, picture, sorted(scans.glob("*.dcm")))


def check_picture(kind, picture, sources):
    verdict = subprocess.run(["dciodvfy", picture], capture_output=True, text=True, check=False)
    said = verdict.stdout + verdict.stderr
    check("SCImage" in said, f"{kind}: dciodvfy does not see a Secondary Capture: {said[:200]}")
    check("Error" not in said, f"{kind}: dciodvfy: {said}")
    shown = subprocess.run(["dcm2pnm", picture, picture.with_suffix(".ppm")], capture_output=True, check=False)
    check(shown.returncode == 0, f"{kind}: DCMTK does not show it: {shown.stderr[-200:]!r}")
    ours, source = pydicom.dcmread(picture), pydicom.dcmread(sources[0])
    for keyword in COPIED:
        check(str(ours.get(keyword, "")) == str(source.get(keyword, "")), f"{kind}: {keyword} differs")
    referenced = {item.ReferencedSOPInstanceUID for item in ours.SourceImageSequence}
    check(referenced == {pydicom.dcmread(path).SOPInstanceUID for path in sources}, f"{kind}: sources differ")
    check(ours.SeriesInstanceUID != source.SeriesInstanceUID, f"{kind}: it claims the series of the scanner")
    check(ours.BurnedInAnnotation == "YES", f"{kind}: burned-in text is not announced")
    pixels = ours.pixel_array
    check(pixels.shape == (ours.Rows, ours.Columns, 3), f"{kind}: not one color frame")
    colored = np.ptp(pixels.astype(int), axis=2) > 60
    gray = (np.ptp(pixels.astype(int), axis=2) == 0) & (pixels[..., 0] > 20) & (pixels[..., 0] < 235)
    check(gray.mean() > 0.2, f"{kind}: the scan is hardly seen")
    result = json.loads((picture.parent / "analysis.json").read_text(encoding="utf-8"))["studies"][0]
    if result["landmarks"]:
        check(colored.mean() > 0.001, f"{kind}: no lines are drawn")


def run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


if __name__ == "__main__":
    if not shutil.which("dciodvfy"):
        sys.exit("error: dciodvfy is missing (package dicom3tools)")
    main()

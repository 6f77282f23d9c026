"""Presentation states and segmentations: dciodvfy and DCMTK find no error, highdicom and pydicom read the outlines of
the JSON."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import highdicom
import numpy as np
import pydicom

from peer import DXA, check, finish

# Scans with regions of each anatomy, and a lateral spine.
KINDS = [("ap-spine", []), ("hip", ["--set", "side=L"]), ("forearm", []), ("ap-spine", ["--set", "output=map"]),
         ("lateral-spine", ["--set", "object=dx", "--set", "spacing=0.5", "--set", "polarity=monochrome1"])]


def main():
    with tempfile.TemporaryDirectory() as folder:
        for number, (kind, settings) in enumerate(KINDS):
            check_kind(f"{kind} {' '.join(settings)}".strip(), kind, settings, Path(folder) / str(number))
    finish("properties of overlays")


def check_kind(name, kind, settings, folder):
    scans, out, again = folder / "scans", folder / "out", folder / "again"
    run(DXA, "simulate", kind, "--out", scans, "--seed", "21", *settings)
    (scans / "truth.json").unlink()
    for target in (out, again):
        run(DXA, "analyze", scans, "--out", target, "--formats", "json,gsps,seg")
    study = json.loads(next(out.glob("*/analysis.json")).read_text(encoding="utf-8"))["studies"][0]
    shapes = outlines(study)
    check(shapes, f"{name}: nothing is outlined")
    for kind_of_file, compare in (("gsps", check_state), ("seg", check_masks)):
        files = sorted(out.glob(f"*/{kind_of_file}-*.dcm"))
        check(len(files) == 1, f"{name}: {len(files)} files of {kind_of_file}")
        for file in files:
            same = (again / file.relative_to(out)).read_bytes() == file.read_bytes()
            check(same, f"{name}: a re-run gives another {kind_of_file}")
            verdict = subprocess.run(["dciodvfy", file], capture_output=True, text=True, check=False)
            said = verdict.stdout + verdict.stderr
            check("Error" not in said, f"{name} {kind_of_file}: {[line for line in said.splitlines() if 'Error' in line]}")
            data = pydicom.dcmread(file)
            check(data.StudyInstanceUID == study["study"]["instance_uid"], f"{name}: another study")
            compare(name, file, data, study, shapes, sorted(scans.glob("*.dcm")))


def outlines(study):
    shapes = [(region["site"], region["polygon_px"]) for region in study["regions"] if region["polygon_px"]]
    for vertebra in study["vertebrae"]:
        points = vertebra["points_px"]
        shapes.append((vertebra["level"], [points[key] for key in ("ps", "ms", "as", "ai", "mi", "pi")]))
    return shapes


def check_state(name, file, data, study, shapes, sources):
    verdict = subprocess.run(["dcmpschk", file], capture_output=True, text=True, check=False)
    said = verdict.stdout + verdict.stderr
    check("Test passed" in said, f"{name}: dcmpschk: {said[-600:]}")
    referred = {image.ReferencedSOPInstanceUID for series in data.ReferencedSeriesSequence
                for image in series.ReferencedImageSequence}
    headers = [pydicom.dcmread(source, stop_before_pixels=True) for source in sources]
    check(referred == {header.SOPInstanceUID for header in headers}, f"{name}: it refers to other images")
    inverse = headers[0].PhotometricInterpretation == "MONOCHROME1"
    check(data.PresentationLUTShape == ("INVERSE" if inverse else "IDENTITY"), f"{name}: {data.PresentationLUTShape}")
    annotation = data.GraphicAnnotationSequence[0]
    drawn = [np.array(item.GraphicData).reshape(-1, 2) for item in annotation.GraphicObjectSequence]
    check(len(drawn) == len(shapes), f"{name}: {len(drawn)} lines for {len(shapes)} outlines")
    for line, (site, corners) in zip(drawn, shapes):
        check(np.allclose(line[:-1], corners, atol=1e-3), f"{name}: another outline of {site}")
        check(np.array_equal(line[0], line[-1]), f"{name}: the outline of {site} is open")
    texts = [item.UnformattedTextValue for item in annotation.TextObjectSequence]
    check(all(text.split()[0] == site for text, (site, _) in zip(texts, shapes)), f"{name}: names {texts}")


def check_masks(name, file, data, study, shapes, sources):
    masks = highdicom.seg.segread(file)
    check(masks.number_of_segments == len(shapes), f"{name}: {masks.number_of_segments} segments")
    frames = masks.pixel_array.reshape(-1, masks.Rows, masks.Columns)
    source = pydicom.dcmread(sources[0])
    check((masks.Rows, masks.Columns) == (source.Rows, source.Columns), f"{name}: another raster than the image")
    for number, (site, corners) in enumerate(shapes, 1):
        description = masks.get_segment_description(number)
        check(description.segment_label.split()[0] == site, f"{name}: segment {number} is {description.segment_label}")
        inside, unsure = filled(np.array(corners), masks.Rows, masks.Columns)
        other = (frames[number - 1].astype(bool) != inside) & ~unsure
        check(not other.any(), f"{name}: {other.sum()} pixels of the mask of {site} are others")
        check(inside.any(), f"{name}: the mask of {site} is empty")


def filled(corners, rows, columns):
    """Pixels whose middle has the outline to its left an odd number of times, and those whose middle lies on it."""
    x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    odd, on = np.zeros((rows, columns), bool), np.zeros((rows, columns), bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0)):
        if ay == by:
            on |= (y == ay) & (x >= min(ax, bx)) & (x <= max(ax, bx))
            continue
        edge = ax + (y - ay) * (bx - ax) / (by - ay)
        odd ^= ((ay > y) != (by > y)) & (x > edge)
        on |= (np.abs(x - edge) < 1e-9) & (y >= min(ay, by)) & (y <= max(ay, by))
    return odd, on


def run(*command):
    finished = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    if finished.returncode != 0:
        sys.exit(f"{command}: {finished.stderr.decode(errors='replace')[:500]}")


if __name__ == "__main__":
    main()

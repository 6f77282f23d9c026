"""Structured reports: dciodvfy finds no error, DCMTK prints them, highdicom and pydicom read the values of the JSON."""
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import highdicom
import pydicom

from peer import DXA, ROOT, check, finish

LOINC = {  # site: (whole, left, right), each density, T, Z; independent of the table that writes them
    "femoral_neck": (("24701-5", "38263-0", "80934-3"), ("80954-1", "80948-3", "80940-0"), ("80953-3", "80947-5", "80939-2")),
    "total_hip": (("38261-4", "38264-8", "80933-5"), ("46278-8", "80946-7", "80938-4"), ("46279-6", "80945-9", "80937-6")),
    "radius_33": (("24890-6", "38265-5", "80932-7"), ("80952-5", "80944-2", "80936-8"), ("80951-7", "80943-4", "80935-0")),
    "spine": (("24966-4", "38267-1", "85394-5"),) * 3,
}


def main():
    with tempfile.TemporaryDirectory() as folder:
        out, again = Path(folder) / "out", Path(folder) / "again"
        for target in (out, again):
            run(DXA, "analyze", ROOT / "test-scans", "--out", target, "--formats", "json,sr")
        reports = sorted(out.glob("*/sr.dcm"))
        check(len(reports) > 30, f"only {len(reports)} reports")
        for report in reports:
            same = (again / report.relative_to(out)).read_bytes() == report.read_bytes()
            check(same, f"{report.parent.name}: a re-run gives other bytes")
            check_report(report)
    finish("properties of structured reports")


def check_report(path):
    name = path.parent.name
    verdict = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False)
    said = verdict.stdout + verdict.stderr
    check("ComprehensiveSR" in said, f"{name}: dciodvfy does not see a Comprehensive SR: {said[:200]}")
    check("Error" not in said, f"{name}: dciodvfy: {[line for line in said.splitlines() if 'Error' in line]}")
    if shutil.which("dsrdump"):
        shown = subprocess.run(["dsrdump", path], capture_output=True, check=False)
        check(shown.returncode == 0 and b"E:" not in shown.stderr, f"{name}: dsrdump: {shown.stderr[-300:]!r}")
    study = json.loads((path.parent / "analysis.json").read_text(encoding="utf-8"))["studies"][0]
    plain = pydicom.dcmread(path)
    check(plain.StudyInstanceUID == study["study"]["instance_uid"], f"{name}: another study")
    check(str(plain.PatientName) == (study["patient"]["name_raw"] or ""), f"{name}: the name became {plain.PatientName}")
    check(plain.VerificationFlag == "UNVERIFIED", f"{name}: a draft is verified")
    report = highdicom.sr.srread(path)
    groups = {tracking(group): group for group in measurement_groups(report)}
    for region in study["regions"]:
        key = f"s{region['scan']}:region:{region['site']}:{region['laterality'] or ''}:{region['provenance']}"
        check(key in groups, f"{name}: no group {key}")
        if key in groups:
            check_region(f"{name} {key}", region, groups[key])
    evidence = {
        item.ReferencedSOPInstanceUID
        for request in plain.get("CurrentRequestedProcedureEvidenceSequence", [])
        for series in request.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    wanted = {uid for scan in study["scans"] for uid in scan["sop_instance_uids"]}
    check(evidence == wanted, f"{name}: evidence names other objects")


def measurement_groups(report):
    for item in report.content[0].ContentSequence:
        if item.name.value == "126010":
            yield from item.ContentSequence


def tracking(group):
    return next(item.value.rstrip() for item in group.ContentSequence if item.name.value == "112039")


def check_region(name, region, group):
    numbers = [item for item in group.ContentSequence if item.value_type.name == "NUM"]
    side = {None: 0, "L": 1, "R": 2}.get(region["laterality"], 0)
    codes = LOINC.get("spine" if region["site"].startswith("L") else region["site"], ((None,) * 3,) * 3)[side]

    def found(code, unit, by_device=None):
        mine = [item for item in numbers if item.name.value == code]
        if by_device is not None:
            mine = [item for item in mine if is_device(item) == by_device]
        check(all(item.unit.value == unit for item in mine), f"{name}: {code} has another unit")
        return [item.value for item in mine]

    for code, unit, wanted in [("42798000", "cm2", region["area_cm2"]), ("BMC", "g", region["bmc_g"])]:
        check(found(code, unit) == ([] if wanted is None else [wanted]), f"{name}: {code} is not {wanted}")
    density, t, z = codes
    bmd = region["bmd_g_cm2"]
    if density:
        check(found(density, "g/cm2") == ([] if bmd is None else [bmd]), f"{name}: density is not {bmd}")
        for code, letter in ((t, "T"), (z, "Z")):
            wanted = [score["value"] for score in region["scores"] if score["kind"] == letter]
            check(found(code, "1", False) == wanted, f"{name}: {letter} is not {wanted}")
            device = region["device"][letter.lower()]
            check(found(code, "1", True) == ([] if device is None else [device]), f"{name}: device {letter} is not {device}")
    for item in numbers:
        if item.name.value in codes[1:] and not is_device(item):
            properties = {child.name.value: child.value for child in item.ContentSequence}
            check("121405" in properties and "121406" in properties, f"{name}: a score without its population")


def is_device(item):
    children = getattr(item, "ContentSequence", None) or []
    return any(child.name.value == "370129005" and child.value.value == "DEVICE-REPORTED" for child in children)


def run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


if __name__ == "__main__":
    main()

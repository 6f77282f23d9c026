"""Every file pydicom ships and every test scan is read or refused by dxa, and the headers agree with pydicom's."""
import json
import subprocess
import warnings
from pathlib import Path

import pydicom

from peer import DXA, ROOT, check, finish

PYDICOM_DATA = Path(pydicom.__file__).parent / "data"
FOLDERS = [ROOT / "test-scans", PYDICOM_DATA / "test_files", PYDICOM_DATA / "charset_files"]
# dxa repairs text whose character set is named wrongly or not at all; there pydicom is no judge of names.
NAMED_CHARACTER_SETS = {"ISO_IR 192", "GB18030", "GBK"}
# How the names of these two files are written in Chinese, whatever else the name holds.
CHINESE_NAMES = {"chrX1.dcm": "王^小東", "chrX2.dcm": "王^小东"}


def main():
    warnings.simplefilter("ignore")
    for folder in FOLDERS:
        check_folder(folder)
    finish(f"values in {len(FOLDERS)} folders")


def check_folder(folder):
    files = [path for path in sorted(folder.rglob("*.dcm")) if path.is_file()]
    check(files, f"{folder} holds no .dcm file")
    analysis = analyze(folder)
    if analysis is None:
        return
    scans = {uid: (study, scan) for study in analysis["studies"] for scan in study["scans"]
             for uid in scan["sop_instance_uids"]}
    refused = {Path(error["path"]).resolve() for error in analysis["errors"]}
    for path in files:
        header = read(path)
        uid = str(header.get("SOPInstanceUID", "")) if header is not None else ""
        check(uid in scans or path.resolve() in refused, f"{path}: neither in a study nor in errors")
        if uid in scans and path.resolve() not in refused:
            check_header(path, header, *scans[uid])


def analyze(folder):
    run = subprocess.run([DXA, "analyze", "--json", str(folder)], capture_output=True, check=False)
    check(run.returncode in (0, 1), f"{folder}: exit {run.returncode}")
    check(b"panicked" not in run.stderr, f"{folder}: a panic: {run.stderr[-500:]!r}")
    try:
        return json.loads(run.stdout)
    except ValueError as error:
        check(False, f"{folder}: stdout is not one JSON document: {error}")
        return None


def read(path):
    try:
        return pydicom.dcmread(path, stop_before_pixels=True, force=True)
    except Exception:
        return None


def check_header(path, header, study, scan):
    same(path, "study", study["study"]["instance_uid"], header.get("StudyInstanceUID"))
    same(path, "patient id", study["patient"]["id"], header.get("PatientID"))
    if str(header.get("SpecificCharacterSet")) in NAMED_CHARACTER_SETS:
        same(path, "patient name", study["patient"]["name_raw"], header.get("PatientName"))
    if path.name in CHINESE_NAMES:
        same(path, "name", study["patient"]["name"], CHINESE_NAMES[path.name])
    if len(scan["sop_instance_uids"]) == 1:
        same(path, "manufacturer", scan["manufacturer"], header.get("Manufacturer"))
        same(path, "rows", scan["rows"], header.get("Rows"))
        same(path, "columns", scan["columns"], header.get("Columns"))


def same(path, what, ours, theirs):
    blank = lambda value: "" if value is None else str(value).strip()
    check(blank(ours) == blank(theirs), f"{path}: {what} is {ours!r}, expected {str(theirs)!r}")


if __name__ == "__main__":
    main()

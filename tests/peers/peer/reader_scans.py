"""Studies for people who read: ordinary ones by the simulator, and odd ones made of test scans."""
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pydicom
from pydicom.uid import generate_uid

from peer import DXA, ROOT

LONG_NAME = "欧阳" * 30


@dataclass
class Scan:
    """The files of a study."""

    study: str
    files: list = field(default_factory=list)


def write_scans(folder):
    """Studies by name."""
    made = {
        "lateral": simulated(folder, "lateral", "lateral-spine", 21, {"object": "dx", "spacing": "0.5", "fracture": "L1:wedge:35", "fractured": "0"}, "Lateral^Simulated"),
        "earlier": simulated(folder, "earlier", "ap-spine", 5, {"visit": "1"}, "Visits^Simulated", "20220314", "V-1"),
        "spine": simulated(folder, "spine", "ap-spine", 5, {"visit": "2"}, "Visits^Simulated", "20240517", "V-1"),
        "outlier": simulated(folder, "outlier", "ap-spine", 11, {"outlier": "L3:1.6"}, "Outlier^Simulated", "20240518"),
        "injected": changed(folder, "injected", "07-hologic-spine", "<script>window.injected()</script>^<img src>"),
        "long": changed(folder, "long", "15-name-utf8", LONG_NAME),
        "ultrasound": changed(folder, "ultrasound", "14-ultrasound-bdus", "Ultrasound"),
        "report": changed(folder, "report", "09-sr-enhanced-hologic", "Report"),
    }
    thirty = [changed(folder, f"thirty-{at}", "07-hologic-spine", "Thirty", at) for at in range(30)]
    study = generate_uid()
    for scan in thirty:
        data = pydicom.dcmread(scan.files[0])
        data.StudyInstanceUID = study
        data.save_as(scan.files[0])
    made["thirty"] = Scan(study, [scan.files[0] for scan in thirty])
    return made


def simulated(folder, name, kind, seed, settings, patient, date=None, number=None):
    """A study by the simulator, of a woman of 66, by a maker whose densities are scored."""
    out = folder / name
    command = [DXA, "simulate", kind, "--out", str(out), "--seed", str(seed)]
    settings = {**settings, "patient.sex": "F", "manufacturer": "HOLOGIC"}
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    files = sorted(out.glob("*.dcm"))
    study = generate_uid()
    for file in files:
        data = pydicom.dcmread(file)
        data.PatientName, data.StudyInstanceUID = patient, study
        data.PatientID = number or name
        data.PatientBirthDate = "19580203"
        if "PatientAge" in data:
            del data.PatientAge
        if date:
            data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = date
            data.SeriesInstanceUID = str(data.SeriesInstanceUID)[:50] + "." + date
            data.SOPInstanceUID = str(data.SOPInstanceUID)[:50] + "." + date
            data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        data.save_as(file)
    return Scan(study, files)


def changed(folder, name, file, patient, number=0):
    """A test scan as a study of its own under another name."""
    data = pydicom.dcmread(ROOT / "test-scans" / f"{file}.dcm")
    data.SpecificCharacterSet = "ISO_IR 192"
    data.PatientName, data.PatientID = patient, name.split("-")[0]
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(data, keyword, generate_uid())
    data.SeriesNumber = number + 1
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    path = Path(folder) / f"{name}.dcm"
    data.save_as(path)
    return Scan(data.StudyInstanceUID, [path])


def write_reading_scans(folder):
    """Studies by name for those who confirm, comment and read a second time: two lateral visits of a person, and a hip."""
    lateral = {"object": "dx", "spacing": "0.5", "fractured": "0"}
    treated = {**lateral, "fracture": "L1:wedge:35"}
    return {
        "before": simulated(folder, "before", "lateral-spine", 21, {**lateral, "visit": "2"}, "Lateral^Visits", "20220314", "V-2"),
        "lateral": simulated(folder, "lateral", "lateral-spine", 21, treated, "Lateral^Visits", "20240517", "V-2"),
        "hip": simulated(folder, "hip", "hip", 101, {"output": "map", "spacing": "1.0"}, "Hip^Simulated"),
    }

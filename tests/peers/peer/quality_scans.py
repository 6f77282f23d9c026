"""Scans of two scanners for the quality room: people, people who were scanned again, and phantoms, with known numbers."""
import json
import subprocess
from dataclasses import dataclass

import numpy as np
import pydicom
from pydicom.uid import generate_uid

from peer import DXA, ROOT

SITES = ("L1", "L2", "L3", "L4", "L1-L4")
PEOPLE, TILTED = 12, (2, 5, 7)
HOSTILE = "<script>window.injected=1</script>"


@dataclass
class Scanner:
    """As objects name it."""

    model: str
    station: str
    serial: str


ONE = Scanner("Horizon W", "DXA-1", "4711")
OTHER = Scanner(HOSTILE, "<b>DXA-2", "")


@dataclass
class Made:
    """One object with the densities that it says the device measured."""

    file: object
    study: str
    scanner: Scanner
    patient: str
    day: str
    device: dict
    is_phantom: bool = False


def write_scans(folder):
    """Every scan, in an order in which they are not to be shown."""
    draw = np.random.default_rng(20240517)
    made = people(folder, draw) + repeats(folder, draw) + phantoms(folder, draw) + other_scanner(folder, draw)
    return [made[at] for at in draw.permutation(len(made))]


def people(folder, draw):
    """Calibrated pixels with numbers of the device beside them, in three months; some of the spines are tilted."""
    made = []
    for at in range(PEOPLE):
        out = folder / f"person-{at}"
        command = [DXA, "simulate", "ap-spine", "--out", str(out), "--seed", str(100 + at)]
        tilt = 9 if at in TILTED else 1
        for setting in ("output=map", "spacing=1.05x0.60", f"tilt={tilt}", "manufacturer=HOLOGIC", "patient.sex=F"):
            command += ["--set", setting]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        truth = json.loads((out / "truth.json").read_text())["files"][0]["scene"]["regions"]
        # The device measures a little less than there is, and not always the same.
        device = {row["site"]: (row["area_cm2"] + draw.normal(0, 0.1), row["bmd_g_cm2"] - draw.normal(0.008, 0.006))
                  for row in truth if row["site"] in SITES[:4]}
        file = next(iter(sorted(out.glob("*.dcm"))))
        day = f"2024-0{3 + at % 3}-{10 + at}"
        made.append(take(file, file, ONE, f"P-{at}", day, printed(device)))
    return made


def repeats(folder, draw):
    """Five people who were scanned twice or three times on one day, one of them also on another day."""
    made = []
    for at in range(5):
        true = draw.normal(0.9, 0.1)
        for again in range(3 if at == 4 else 2):
            made.append(reported(folder, f"again-{at}-{again}", ONE, f"R-{at}", f"2024-04-2{at}", true, draw, 0.012))
    made.append(reported(folder, "again-later", ONE, "R-0", "2024-05-20", 0.5, draw, 0.012))
    # The same scan once more, as a copy under other identifiers.
    copy = reported(folder, "again-copy", ONE, "R-1", "2024-04-21", 0.9, draw, 0.012)
    first = next(one for one in made if one.patient == "R-1")
    made.append(take(copy.file, first.file, ONE, "R-1", "2024-04-21", first.device))
    return made


def phantoms(folder, draw):
    """A phantom on 24 days, steady for 16 and drifting then; another one of too few scans for a baseline."""
    made = []
    for at in range(24):
        day = np.datetime64("2024-04-01") + at
        true = 1.0 + 0.0016 * max(0, at - 15)
        made.append(reported(folder, f"phantom-{at}", ONE, "QA <b>1</b>", str(day), true, draw, 0.002, phantom=True))
    for at in range(3):
        made.append(reported(folder, f"young-{at}", ONE, "QA-2", f"2024-05-1{at}", 1.2, draw, 0.002, phantom=True))
    return made


def other_scanner(folder, draw):
    return [reported(folder, f"other-{at}", OTHER, f"O-{at}", f"2024-05-0{at + 1}", 0.8, draw, 0.05) for at in range(3)]


def reported(folder, name, scanner, patient, day, true, draw, sd, phantom=False):
    """A report page with numbers of the device and no density in its pixels."""
    sites = SITES[:2] if phantom else SITES[:4]
    device = {site: (12 + at + draw.uniform(0, 1), true + 0.05 * at + draw.normal(0, sd)) for at, site in enumerate(sites)}
    path = folder / f"{name}.dcm"
    return take(path, ROOT / "test-scans/07-hologic-spine.dcm", scanner, patient, day, printed(device), phantom)


def printed(measured):
    """Area, content and density as a device prints them; the total of four vertebrae is ΣBMC / Σarea."""
    rows = {}
    for site, (area, bmd) in measured.items():
        area, bmd = round(float(area), 2), round(float(bmd), 3)
        rows[site] = (area, round(area * bmd, 2), bmd)
    if len(rows) == 4:
        area, bmc = (round(sum(row[at] for row in rows.values()), 2) for at in (0, 1))
        rows["L1-L4"] = (area, bmc, round(bmc / area, 3))
    return rows


def take(path, source, scanner, patient, day, device, phantom=False):
    """Writes an object as one of this scanner, person and day, with these numbers in the maker's private text."""
    data = pydicom.dcmread(source)
    data.SpecificCharacterSet = "ISO_IR 192"
    data.PatientName = "Phantom^Spine" if phantom else f"Quality^{patient}"
    data.PatientID = patient
    data.PatientBirthDate = "19560203"
    data.Manufacturer, data.ManufacturerModelName = "HOLOGIC", scanner.model
    data.StationName, data.DeviceSerialNumber = scanner.station, scanner.serial
    data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = day.replace("-", "")
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(data, keyword, generate_uid())
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    block = data.private_block(0x0021, "HOLOGIC", create=True)
    block.add_new(0x01, "LT", text(device))
    data.save_as(path)
    return Made(path, data.StudyInstanceUID, scanner, patient, day, device, phantom)


def text(device):
    """The result matrix as the maker writes it."""
    rows = [["Region", "Area[cm<sup><small>2</small></sup>]", "BMC[(g)]", "BMD[g/cm<sup><small>2</small></sup>]"]]
    rows += [[site, f"{area:.2f}", f"{bmc:.2f}", f"{bmd:.3f}"] for site, (area, bmc, bmd) in device.items()]
    cells = [
        f'ResultsTable1[{row:2}][{column:2}] = "{cell}";\r\n'
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]
    return 'ScanType = "AP Lumbar Spine";\r\n' + "".join(cells)

"""FHIR Bundles are valid for fhirkit (R4) and fhir.resources (R4B), HL7 messages for hl7apy, and both say the numbers of the JSON."""
import json
import subprocess
import tempfile
from pathlib import Path

import fhirkit
import pydicom
from fhir.resources.R4B.bundle import Bundle
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

from peer import DXA, ROOT, check, finish

MAPPINGS = {
    "plain": "",
    "old": 'version = "2.3.1"\ndrop_segments = ["PV1"]\nleave_out = ["outline", "rule"]\n',
    "2.4": 'version = "2.4"\n',
    "2.5": 'version = "2.5"\n',
    "2.6": 'version = "2.6"\nencoding = "gb18030"\n',
    "chinese": 'encoding = "gb18030"\nlanguage = "zh-CN"\n[[rename]]\nfrom = "BMD"\nto = { code = "GMD", text = "骨密度", system = "L" }\n',
}


def main():
    check(fhirkit.FHIR_VERSION == "4.0.1", f"fhirkit checks {fhirkit.FHIR_VERSION}")
    with tempfile.TemporaryDirectory() as folder:
        for name, mapping in MAPPINGS.items():
            check_mapping(name, mapping, Path(folder) / name)
        check_hard_names(Path(folder))
    finish("properties of records")


def check_mapping(name, mapping, folder):
    folder.mkdir()
    toml, out = folder / "mapping.toml", folder / "out"
    toml.write_text(mapping, encoding="utf-8")
    formats = "json,fhir,hl7,csv" if name == "plain" else "json,hl7"
    # Versions differ in few types; each kind of study is enough for the ones between.
    few = name in ("2.4", "2.5", "2.6")
    scans = sorted((ROOT / "test-scans").glob("07-*.dcm" if few else "*.dcm"))
    run(DXA, "analyze", *scans, "--out", out, "--formats", formats, "--hl7-mapping", toml)
    folders = sorted(path.parent for path in out.glob("*/analysis.json"))
    check(len(folders) >= (5 if few else 31), f"{name}: only {len(folders)} studies")
    for study_folder in folders:
        study = json.loads((study_folder / "analysis.json").read_text(encoding="utf-8"))["studies"][0]
        if name == "plain":
            check_bundle(study, study_folder / "fhir.json")
        check_message(f"{name} {study_folder.name}", name, study, study_folder / "oru.hl7")


def check_bundle(study, path):
    where = path.parent.name
    issues = [str(issue) for issue in fhirkit.validate(path.read_bytes()) if issue.severity == "error"]
    check(not issues, f"{where}: fhirkit: {issues[:3]}")
    try:
        bundle = Bundle.model_validate_json(path.read_text(encoding="utf-8"))
    except Exception as error:  # every complaint of the validator is a finding
        return check(False, f"{where}: fhir.resources: {str(error)[:500]}")
    resources = [entry.resource for entry in bundle.entry]
    urls = [entry.fullUrl for entry in bundle.entry]
    check(len(set(urls)) == len(urls), f"{where}: a resource twice")
    observations = [one for one in resources if one.get_resource_type() == "Observation"]
    report = next(one for one in resources if one.get_resource_type() == "DiagnosticReport")
    check(report.status == "preliminary", f"{where}: a draft is {report.status}")
    check({ref.reference for ref in report.result} <= set(urls), f"{where}: results that are not there")
    for one in observations:
        for reference in [one.subject, *(one.hasMember or []), *(one.derivedFrom or []), one.device]:
            check(reference is None or reference.reference in urls, f"{where}: {reference} is not in the Bundle")
    numbers = sorted(
        (float(one.valueQuantity.value), one.valueQuantity.code)
        for one in observations
        if one.valueQuantity and any(code.code == "BMD" for code in one.code.coding)
    )
    wanted = sorted((r["bmd_g_cm2"], "g/cm2") for r in study["regions"] if r["bmd_g_cm2"] is not None)
    check(numbers == wanted, f"{where}: densities {numbers} instead of {wanted}")
    absent = [one for one in observations if one.dataAbsentReason and any(code.code == "BMD" for code in one.code.coding)]
    missing = [r for r in study["regions"] if r["bmd_g_cm2"] is None]
    check(len(absent) == len(missing), f"{where}: {len(absent)} absent reasons for {len(missing)} missing densities")
    for one in observations:
        is_score = any(code.code in ("T-SCORE", "Z-SCORE") for code in one.code.coding)
        check(not is_score or one.referenceRange or one.dataAbsentReason, f"{where}: a score without its population")
    person = next(one for one in resources if one.get_resource_type() == "Patient")
    raw = study["patient"]["name_raw"] or ""
    groups = [group for group in raw.split("=") if group.strip("^ ")]
    check(len(person.name or []) == len(groups), f"{where}: {person.name} for {raw}")


def check_message(where, mapping, study, path):
    encoding = "gb18030" if "gb18030" in MAPPINGS[mapping] else "utf-8"
    text = path.read_bytes().decode(encoding)
    check("\n" not in text, f"{where}: a line feed in the message")
    try:
        message = parse_message(text, validation_level=VALIDATION_LEVEL.STRICT)
        message.validate()
    except Exception as error:  # every complaint of the validator is a finding
        return check(False, f"{where}: hl7apy: {type(error).__name__} {str(error)[-300:]}")
    check(True, "")
    segments = [segment.split("|") for segment in text.split("\r")]
    rows = [fields for fields in segments if fields[0] == "OBX" and fields[2] == "NM" and len(fields) > 6]
    code = "GMD^" if mapping == "chinese" else "[Mass/Area]"
    densities = sorted(float(fields[5]) for fields in rows if code in fields[3] and fields[5])
    wanted = sorted(r["bmd_g_cm2"] for r in study["regions"] if r["bmd_g_cm2"] is not None)
    check(densities == wanted, f"{where}: densities {densities} instead of {wanted}")
    check(all(fields[6].startswith("g/cm2^") for fields in rows if code in fields[3] and fields[5]), f"{where}: units")
    names = next(fields for fields in segments if fields[0] == "PID")[5]
    ideographic = [group for group in (study["patient"]["name_raw"] or "").split("=")[1:2] if group]
    check(all(group.split("^")[0] in names for group in ideographic), f"{where}: {names} lacks {ideographic}")


# Row I2: what a field may not hold, and the bytes of a frame.
HARD_NAMES = ["O|Brien~&Co^Ann", "Line\rPID|1^A", "Frame\x0bA\x1c\rMSH|^B", "Feed\nOBX|9^C"]
ESCAPES = {"F": "|", "S": "^", "R": "~", "E": "\\", "T": "&", ".br": "\n"}


def plain(field):
    """The text of a field, by the escapes of HL7 2.5.1 chapter 2.7."""
    parts = field.split("\\")
    for at in range(1, len(parts), 2):
        code = parts[at]
        parts[at] = bytes.fromhex(code[1:]).decode() if code[0] == "X" else ESCAPES[code]
    return "".join(parts)


def check_hard_names(folder):
    source = ROOT / "test-scans/07-hologic-spine.dcm"
    for number, name in enumerate(HARD_NAMES):
        place = folder / f"hard-{number}"
        place.mkdir()
        data = pydicom.dcmread(source)
        data[0x00100010] = pydicom.DataElement(0x00100010, "PN", pydicom.valuerep.PersonName(name.encode()))
        data.save_as(place / "scan.dcm")
        run(DXA, "analyze", place / "scan.dcm", "--out", place / "out", "--formats", "hl7")
        (file,) = place.glob("out/*/oru.hl7")
        text = file.read_bytes().decode()
        check("\n" not in text and "\x0b" not in text and "\x1c" not in text, f"{name!r}: bytes of a frame")
        segments = text.rstrip("\r").split("\r")
        check(sum(line.startswith("PID") for line in segments) == 1, f"{name!r}: more than one PID")
        message = parse_message(text, validation_level=VALIDATION_LEVEL.STRICT)
        message.validate()
        fields = next(line for line in segments if line.startswith("PID")).split("|")
        check("~" not in fields[5], f"{name!r}: more than one name")
        family = plain(fields[5].split("^")[0])
        wanted = name.split("^")[0].replace("\r", "\n")
        check(family == wanted, f"{name!r}: PID-5 says {family!r}")


def run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


if __name__ == "__main__":
    main()

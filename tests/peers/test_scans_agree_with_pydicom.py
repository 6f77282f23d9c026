"""Opens every simulated file with pydicom and holds it against truth.json.

Usage: python3 test_scans_agree_with_pydicom.py [FOLDER]     (default: test-scans)

pydicom shares no code with the simulator, so what both agree on is really in the file.
Exit code 1 and one line for each disagreement; 0 and a count otherwise.
"""

import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import pydicom
from pydicom.multival import MultiValue

from peer import ROOT

# One cell of a page: a text, or pieces of it with kerning between.
PDF_TEXT = re.compile(rb"\(((?:[^()\\]|\\.)*)\) Tj|\[(.*?)\] TJ", re.S)


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "test-scans"
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    problems, numbers = [], 0
    for entry in truth["files"]:
        try:
            found, count = check_file(folder / entry["file"], entry)
        except Exception as error:  # a file that cannot be opened is a finding like any other
            found, count = [f"cannot be read: {error!r}"], 0
        problems += [f"{entry['file']}: {problem}" for problem in found]
        numbers += count
    problems += check_identifiers(truth)
    for problem in problems:
        print(f"error: {problem}")
    print(f"checked {numbers} values of {len(truth['files'])} files")
    return 1 if problems or not numbers else 0


def check_file(path, entry):
    """Problems of one file, and how many values were compared."""
    raw = path.read_bytes()
    problems = []
    if hashlib.sha256(raw).hexdigest() != entry["sha256"]:
        problems.append("sha256 differs")
    if entry["damage"] == "truncated":
        return problems + must_be_cut(raw), 1
    data = pydicom.dcmread(io.BytesIO(raw), force=entry["damage"] == "without_header")
    if entry["damage"] is None and str(data.file_meta.TransferSyntaxUID) != entry["transfer_syntax"]:
        problems.append("transfer syntax differs")
    if entry["damage"] == "without_header" and raw[128:132] == b"DICM":
        problems.append("has a preamble")
    count = 0
    for check in (elements, pixels, analysis_text, report_numbers, document_numbers, mapped_regions, name_bytes):
        found, compared = check(data, entry)
        problems += found
        count += compared
    return problems, count


def must_be_cut(raw):
    data = pydicom.dcmread(io.BytesIO(raw))
    pixels = data.get("PixelData", b"")
    return ["is not truncated"] if len(pixels) >= data.Rows * data.Columns else []


def elements(data, entry):
    """Every top-level element that the simulator says it wrote."""
    problems, honest = [], entry["text_is_as_labelled"]
    for keyword, meant in entry["elements"].items():
        got = plain(data.get(keyword)) if keyword in data else "<absent>"
        meant = meant[0] if isinstance(meant, list) and len(meant) == 1 else meant
        if isinstance(meant, str) and not honest and not meant.isascii():
            continue
        if got != meant and not same_number(got, meant):
            problems.append(f"{keyword} is {got!r}, meant {meant!r}")
    return problems, len(entry["elements"])


def plain(value):
    if value is None:
        return ""
    if isinstance(value, (list, MultiValue)):
        parts = [plain(part) for part in value]
        return parts if all(type(part) is int for part in parts) else "\\".join(str(part) for part in parts)
    # pydicom decodes GB 2312 behind its escape sequence but leaves the sequence in the text.
    return value if type(value) in (int, float) else str(value).replace("\x1b$)A", "")


def same_number(got, meant):
    try:
        return [float(part) for part in str(got).split("\\")] == [float(part) for part in str(meant).split("\\")]
    except ValueError:
        return False


def decoded_by_dcmtk(data):
    """Lossless JPEG, for which pydicom has no decoder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        packed, plain_file = Path(folder) / "packed.dcm", Path(folder) / "plain.dcm"
        data.save_as(packed)
        subprocess.run(["dcmdjpeg", packed, plain_file], check=True)
        return pydicom.dcmread(plain_file).pixel_array


def pixels(data, entry):
    if entry["pixels_sha256"] is None:
        return (["has pixels"] if "PixelData" in data else []), 1
    try:
        native = data.pixel_array if "PixelData" in data and data.file_meta.get("TransferSyntaxUID") else None
    except (RuntimeError, NotImplementedError):
        native = decoded_by_dcmtk(data)
    samples = data.Rows * data.Columns * data.SamplesPerPixel * data.BitsAllocated // 8
    held = bytes(data.PixelData[:samples]) if native is None else native.tobytes()
    same = hashlib.sha256(held).hexdigest() == entry["pixels_sha256"]
    return ([] if same else ["pixels differ"]), 1


def analysis_text(data, entry):
    """The private text is where it is said to be, and its table holds the numbers of the truth."""
    if "analysis_tag" not in entry:
        return [], 0
    text = private_text(data)
    if text is None:
        return ["no block of the creator in group 0021"], 1
    problems = [] if text == entry["analysis_text"] else ["analysis text differs"]
    cells = {(int(r), int(c)): value for r, c, value in re.findall(r'\[ *(\d+)\]\[ *(\d+)\] = "([^"]*)"', text)}
    printed = {value for value in (number(cell) for cell in cells.values()) if value is not None}
    wanted = [row[key] for row in entry["device_regions"] for key in ("area_cm2", "bmc_g", "bmd_g_cm2", "t", "z")]
    wanted += [part[key] for part in entry["device_composition"] for key in ("fat_g", "lean_g", "total_g", "fat_percent")]
    wanted = [value for value in wanted if value is not None]
    problems += [f"{value} is not in the table" for value in wanted if value not in printed]
    return problems + sums(entry), len(wanted)


def private_text(data):
    for element in data:
        if element.tag.group == 0x0021 and element.tag.element < 0x100 and str(element.value).upper() == "HOLOGIC":
            found = data[0x0021, element.tag.element << 8 | 1].value
            return found.decode("ascii").rstrip(" ") if isinstance(found, bytes) else str(found)
    return None


def sums(entry):
    """Printed totals are the sum of content over the sum of area, to the thousandth."""
    rows = {row["site"]: row for row in entry["device_regions"]}
    problems = []
    for site, row in rows.items():
        parts = members(site)
        if row["area_cm2"] is None or not all(part in rows and rows[part]["area_cm2"] for part in parts):
            continue
        area = sum(round(rows[part]["area_cm2"] * 100) for part in parts)
        content = sum(round(rows[part]["bmc_g"] * 100) for part in parts)
        if abs(content / area - row["bmd_g_cm2"]) > 0.0005 + 1e-9 or round(row["area_cm2"] * 100) != area:
            problems.append(f"{site} is not the sum of its parts")
    return problems


def members(site):
    if site == "total_hip":
        return ["femoral_neck", "trochanter", "intertrochanter"]
    if not site.startswith("L"):
        return [site]
    levels = []
    for run in site.split(","):
        ends = [int(end.lstrip("L")) for end in run.split("-")]
        levels += [f"L{level}" for level in range(ends[0], ends[-1] + 1)]
    return levels


def number(text):
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def report_numbers(data, entry):
    """Every number of the truth is a NUM item of the tree."""
    if "ContentSequence" not in data:
        return [], 0
    held = sorted(value for value in tree_numbers(data))
    wanted = [row[key] for row in entry["device_regions"] for key in ("area_cm2", "bmc_g", "bmd_g_cm2", "t", "z")]
    wanted = sorted(value for value in wanted if value is not None)
    wanted = sorted(wanted + [float(value) for value in entry["device_items"].values()])
    return ([] if held == wanted else ["numbers of the tree differ"]), len(wanted)


def tree_numbers(node):
    for item in node.get("ContentSequence", []):
        if item.ValueType == "NUM" and item.MeasuredValueSequence:
            yield float(item.MeasuredValueSequence[0].NumericValue)
        yield from tree_numbers(item)


def document_numbers(data, entry):
    """The text layer holds every number of the truth."""
    if "EncapsulatedDocument" not in data:
        return [], 0
    pdf = bytes(data.EncapsulatedDocument)
    stream = re.search(rb"stream\n(.*?)\nendstream", pdf, re.S).group(1)
    if b"/FlateDecode" in pdf:
        stream = zlib.decompress(stream)
    texts = [b"".join(re.findall(rb"\(((?:[^()\\]|\\.)*)\)", whole or b"(" + plain_text + b")"))
             for plain_text, whole in PDF_TEXT.findall(stream)]
    printed = {number(text.decode("cp1252")) for text in texts}
    wanted = [row[key] for row in entry["device_regions"] for key in ("area_cm2", "bmc_g", "bmd_g_cm2", "t", "z")]
    wanted = [value for value in wanted if value is not None]
    return [f"{value} is not on the page" for value in wanted if value not in printed] + sums(entry), len(wanted)


def mapped_regions(data, entry):
    """Density of a map, and of a low image through its own mapping, is that of the truth."""
    if "map_regions" not in entry:
        return [], 0
    groups = data.get("SharedFunctionalGroupsSequence")
    mapping = (groups[0] if groups else data).RealWorldValueMappingSequence[0]
    real = data.pixel_array * mapping.RealWorldValueSlope + mapping.RealWorldValueIntercept
    if mapping.LUTLabel == "NEGLOG":
        return calibration(data, entry), 1
    problems, pixel_cm2 = [], data.PixelSpacing[0] * data.PixelSpacing[1] / 100
    for region in entry["map_regions"]:
        pixels = (abs(real - region["bmd_g_cm2"]) < 1e-9).sum()
        if abs(pixels * pixel_cm2 - region["area_cm2"]) > 1e-6:
            problems.append(f"{region['site']} covers {pixels} pixels, meant {region['pixels']}")
    return problems, len(entry["map_regions"])


def calibration(data, entry):
    if data.ImageType[3] != "LOW_ENERGY":
        return []
    block = data.private_block(0x0019, "DXA OPEN 1.0")
    same = list(block[0x02].value) == entry["calibration"]["bone"] and list(block[0x03].value) == entry["calibration"]["soft"]
    return [] if same else ["calibration differs"]


def name_bytes(data, entry):
    if "patient_name_bytes" not in entry:
        return [], 0
    held = data.PatientName.original_string.rstrip(b" ").hex()
    return ([] if held == entry["patient_name_bytes"].removesuffix("20") else ["bytes of the name differ"]), 1


def check_identifiers(truth):
    """SOP Instance UIDs are unique, but for the one pair that shares its UID on purpose."""
    seen, problems = {}, []
    for entry in truth["files"]:
        uid = entry["elements"]["SOPInstanceUID"]
        if uid in seen and entry["expected"]["error"] != "duplicate_instance":
            problems.append(f"{entry['file']} has the SOP Instance UID of {seen[uid]}")
        seen[uid] = entry["file"]
    return problems


if __name__ == "__main__":
    sys.exit(main())

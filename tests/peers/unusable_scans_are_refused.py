"""Scans that nobody can measure, made by pydicom and numpy alone, give a refusal with a code and never a density."""
import json
import math
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import DigitalXRayImageStorageForProcessing, ExplicitVRLittleEndian

from peer import DXA, check, finish

ROWS, COLUMNS = 300, 260
SPACING = ["0.6", "0.6"]
TERMS = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 0), (1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (4, 0)]
STEP = 1e-4
# Attenuation of bone mineral and of tissue at two energies, cm2/g (docs: two effective energies are enough here).
BONE, SOFT = (1.12, 0.37), (0.27, 0.19)
# Two images that cannot be those of two energies: what they lack may be the partner, the scale or the bone.
UNLIKE = ["not_evaluable", "not_calibrated", "pair_incomplete"]


def linear():
    """The exact inverse of two effective energies, as degree-4 polynomials with two terms each."""
    determinant = BONE[0] * SOFT[1] - SOFT[0] * BONE[1]
    bone = {(1, 0): SOFT[1] / determinant, (0, 1): -SOFT[0] / determinant}
    soft = {(1, 0): -BONE[1] / determinant, (0, 1): BONE[0] / determinant}
    return [[part.get(term, 0.0) for term in TERMS] for part in (bone, soft)]


def grid():
    return np.mgrid[0:ROWS, 0:COLUMNS].astype(float) * 0.6


def block(y, x, top, left, height, width):
    return ((y >= top) & (y < top + height) & (x >= left) & (x < left + width)).astype(float)


def noise(seed=1, size=0.01):
    return np.random.default_rng(seed).normal(0.0, size, (ROWS, COLUMNS))


def nothing():
    return np.zeros((ROWS, COLUMNS))


def slabs(densities=(0.5, 1.0, 1.5), height=30.0, gap=7.0, top=25.0):
    y, x = grid()
    return sum(d * block(y, x, top + i * (height + gap), 57.0, height, 42.0) for i, d in enumerate(densities))


def whole_slabs():
    """Slabs from border to border, with gaps as discs."""
    y, x = grid()
    return 1.0 * block(y, x, -10.0, 57.0, 400.0, 42.0) * ((y % 34.0) > 6.0)


def hand():
    y, x = grid()
    fingers = sum(0.35 * ((np.abs(x - 35.0 - 22.0 * i) < 7.0) & (y > 15.0 + 10.0 * abs(i - 2))) for i in range(5))
    return fingers + 0.3 * block(y, x, 120.0, 20.0, 60.0, 110.0)


def plate():
    y, x = grid()
    return 1.0 * block(y, x, 40.0, 40.0, 100.0, 80.0)


def disk():
    y, x = grid()
    return 1.2 * ((x - 78.0) ** 2 + (y - 90.0) ** 2 < 40.0 ** 2)


def stripes():
    y, x = grid()
    return 0.5 + 0.5 * np.sin(x / 3.0)


def checkers():
    y, x = grid()
    return 1.0 * (((x // 20.0) + (y // 20.0)) % 2)


def rod():
    y, x = grid()
    return 1.5 * (np.abs(x - 78.0) < 5.0)


def random_blobs():
    y, x = grid()
    places = np.random.default_rng(5).uniform(0, 150, (40, 2))
    return sum(0.6 * np.exp(-((x - px) ** 2 + (y - py) ** 2) / 30.0) for py, px in places)


def spine():
    """A plain spine from border to border: bodies, discs, pedicles and spinous processes."""
    y, x = grid()
    middle, pitch = 78.0, 35.0
    phase = np.mod(y + 10.0, pitch)
    width = 21.0 + 1.5 * np.cos(2 * np.pi * phase / pitch)
    body = 0.8 * np.clip((width - np.abs(x - middle)) / 3.0, 0, 1) * np.clip((phase - 3.0) / 2.0, 0, 1) \
        * np.clip((pitch - 3.0 - phase) / 2.0, 0, 1)
    pedicles = sum(0.35 * np.exp(-((x - middle - s * 13.0) / 5.0) ** 2 - ((phase - 12.0) / 6.0) ** 2) for s in (-1, 1))
    spinous = 0.4 * np.exp(-((x - middle) / 5.0) ** 2 - ((phase - 24.0) / 9.0) ** 2)
    joints = sum(0.3 * np.exp(-((x - middle - s * 10.0) / 5.0) ** 2 - ((phase - 33.0) / 7.0) ** 2) for s in (-1, 1))
    return body + pedicles + spinous + joints


def images(bone, soft=18.0, seed=3):
    counts = []
    for index in (0, 1):
        line = BONE[index] * bone + SOFT[index] * (soft - 0.35 * bone) + noise(seed + index, 0.003)
        counts.append(np.clip(np.round(line / STEP), 0, 65535).astype("<u2"))
    return counts


def instance(energy, pixels, coefficients, **changes):
    d = Dataset()
    d.SOPClassUID = DigitalXRayImageStorageForProcessing
    d.SOPInstanceUID = f"2.25.7{1 if energy == 'LOW_ENERGY' else 2}{changes.get('number', 0)}"
    d.StudyInstanceUID, d.SeriesInstanceUID, d.SeriesNumber, d.InstanceNumber = "2.25.5", "2.25.6", 1, 1
    d.AcquisitionNumber, d.Modality, d.StudyDate = 1, "DX", "20240110"
    d.PatientID, d.PatientName, d.PatientSex, d.PatientBirthDate = "4711", "Muster^Eva", "F", "19600101"
    d.Manufacturer, d.ProtocolName, d.BodyPartExamined = "Somebody", "AP Spine", "LSPINE"
    d.ImageType = ["ORIGINAL", "PRIMARY", "", energy]
    d.PresentationIntentType = "FOR PROCESSING"
    d.Rows, d.Columns = pixels.shape
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation, d.SamplesPerPixel = 16, 16, 15, 0, 1
    d.PhotometricInterpretation, d.PixelSpacing = "MONOCHROME1", SPACING
    d.PixelIntensityRelationship, d.PixelIntensityRelationshipSign = "LOG", -1
    d.KVP = "76"
    unit = Dataset()
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "1", "UCUM", "no units"
    item = Dataset()
    item.MeasurementUnitsCodeSequence, item.LUTLabel = Sequence([unit]), "NEGLOG"
    item.RealWorldValueIntercept, item.RealWorldValueSlope = 0.0, STEP
    item.add_new(0x00409216, "US", 0)
    item.add_new(0x00409211, "US", 65535)
    d.RealWorldValueMappingSequence = Sequence([item])
    if coefficients is not None:
        private = d.private_block(0x0019, "DXA OPEN 1.0", create=True)
        private.add_new(0x01, "LO", "made by hand")
        private.add_new(0x02, "FD", coefficients[0])
        private.add_new(0x03, "FD", coefficients[1])
    d.PixelData = pixels.tobytes()
    return d


def save(d, path):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d.file_meta = meta
    d.save_as(path, enforce_file_format=True)


def analyze(folder):
    finished = subprocess.run([DXA, "analyze", str(folder), "--json"], capture_output=True, check=False)
    if finished.returncode not in (0, 1) or b"panicked" in finished.stderr:
        return None, f"exit {finished.returncode}: {finished.stderr.decode(errors='replace')[:300]}"
    return json.loads(finished.stdout), None


def densities(document):
    return [row for study in document["studies"] for row in study["regions"] if row["bmd_g_cm2"] is not None]


def codes(document):
    return [refusal["code"] for study in document["studies"] for refusal in study["refusals"]] \
        + [error["code"] for error in document["errors"]]


def case(name, low, high, expected):
    """`low` and `high` are data sets; `expected` the codes of which one must be among the refusals."""
    with tempfile.TemporaryDirectory() as folder:
        for file, d in (("low.dcm", low), ("high.dcm", high)):
            if d is not None:
                save(d, Path(folder) / file)
        document, failure = analyze(folder)
    if failure:
        check(False, f"{name}: {failure}")
    elif densities(document):
        first = densities(document)[0]
        check(False, f"{name}: {first['site']} is {first['bmd_g_cm2']} g/cm2")
    else:
        refused = set(expected) & set(codes(document))
        check(refused, f"{name}: refused with {codes(document)} instead of one of {expected}")


def pair(bone, coefficients=None, low_changes=(), high_changes=(), soft=18.0):
    coefficients = linear() if coefficients is None else coefficients
    low, high = images(bone, soft)
    both = instance("LOW_ENERGY", low, coefficients), instance("HIGH_ENERGY", high, coefficients)
    for d, changes in zip(both, (low_changes, high_changes)):
        for key, value in dict(changes).items():
            setattr(d, key, value)
    return both


def mapping(d):
    return d.RealWorldValueMappingSequence[0]


def check_pixels():
    shapes = [nothing, slabs, whole_slabs, hand, plate, disk, stripes, checkers, rod, random_blobs]
    for shape in shapes:
        for protocol, part in (("AP Spine", "LSPINE"), ("Left Hip", "HIP"), ("Left Forearm", "FOREARM")):
            changes = {"ProtocolName": protocol, "BodyPartExamined": part}
            case(f"{shape.__name__} as {protocol}", *pair(shape(), None, changes, changes), ["not_evaluable"])
    for densities_of in [(1.0, 1.0, 1.0), (0.7, 0.7, 0.7, 0.7), (0.4, 0.8, 1.2, 1.6, 2.0), (1.0,)]:
        case(f"slabs {densities_of}", *pair(slabs(densities_of)), ["not_evaluable"])
    for value in (0, 1, 5000, 65534, 65535):
        low, high = pair(nothing())
        for d in (low, high):
            d.PixelData = np.full((ROWS, COLUMNS), value, "<u2").tobytes()
        case(f"constant {value}", low, high, UNLIKE)
    low, high = pair(spine())
    low.PixelData = np.random.default_rng(1).integers(0, 65536, (ROWS, COLUMNS)).astype("<u2").tobytes()
    case("noise in the low image", low, high, UNLIKE)
    low, high = pair(spine())
    for d in (low, high):
        d.PixelData = np.random.default_rng(2).integers(0, 65536, (ROWS, COLUMNS)).astype("<u2").tobytes()
    case("noise in both images", low, high, UNLIKE)
    low, high = pair(spine())
    for d in (low, high):
        d.Rows, d.Columns, d.PixelData = 1, 1, b"\x10\x27"
    case("one pixel", low, high, ["image_too_small"])
    low, high = pair(spine())
    low.PixelData, high.PixelData = low.PixelData[:1000], high.PixelData[:1000]
    case("pixels cut short", low, high, ["unreadable", "not_evaluable", "limits_exceeded"])
    low, high = pair(spine())
    low.PixelData, high.PixelData = high.PixelData, low.PixelData
    case("low and high exchanged", low, high, UNLIKE)
    low, high = pair(spine())
    high.PixelData = low.PixelData
    case("the low image twice under both names", low, high, UNLIKE)


def check_calibration():
    bone, soft = linear()
    def every(value):
        return [[value] * 14, [value] * 14]
    for name, value in (("NaN", math.nan), ("inf", math.inf), ("-inf", -math.inf), ("1e308", 1e308), ("0", 0.0),
                        ("-0", -0.0), ("denormal", 5e-324), ("1", 1.0), ("1e30", 1e30)):
        case(f"all coefficients {name}", *pair(spine(), every(value)), ["not_calibrated", "not_evaluable"])
    for place in (0, 4, 13):
        for value in (math.nan, math.inf, 1e300):
            odd = list(bone)
            odd[place] = value
            case(f"coefficient {place} of bone {value}", *pair(spine(), [odd, soft]), ["not_calibrated", "not_evaluable"])
            odd = list(soft)
            odd[place] = value
            case(f"coefficient {place} of tissue {value}", *pair(spine(), [bone, odd]), ["not_calibrated", "not_evaluable"])
    case("negative bone", *pair(spine(), [[-c for c in bone], soft]), ["not_calibrated", "not_evaluable"])
    case("bone a thousand times", *pair(spine(), [[1000 * c for c in bone], soft]), ["not_calibrated", "not_evaluable"])
    case("bone a thousandth", *pair(spine(), [[0.001 * c for c in bone], soft]), ["not_calibrated", "not_evaluable"])
    case("bone and tissue the same", *pair(spine(), [soft, soft]), ["not_calibrated", "not_evaluable"])
    for count in (0, 1, 13, 15, 28):
        coefficients = [(bone * 2)[:count] or None, (soft * 2)[:count] or None]
        case(f"{count} coefficients", *pair(spine(), coefficients), ["not_calibrated"])
    for slope in (0.0, math.nan, math.inf, -STEP, 1e300, 1e-300, 1.0, 1e6):
        low, high = pair(spine())
        for d in (low, high):
            mapping(d).RealWorldValueSlope = slope
        case(f"slope {slope}", low, high, UNLIKE)
    for intercept in (math.nan, math.inf, 1e300, -1e300, 1e6, -1e6):
        low, high = pair(spine())
        for d in (low, high):
            mapping(d).RealWorldValueIntercept = intercept
        case(f"intercept {intercept}", low, high, UNLIKE)
    for name, changes in (("sign 1 of a logarithm", {"PixelIntensityRelationshipSign": 1}),
                          ("linear with a logarithm", {"PixelIntensityRelationship": "LIN"})):
        case(name, *pair(spine(), None, changes, changes), ["not_calibrated"])
    low, high = pair(spine())
    for d in (low, high):
        mapping(d).LUTLabel = "TRANSMISSION"
    case("transmission with the sign of a logarithm", low, high, ["not_calibrated"])
    low, high = pair(spine())
    for d in (low, high):
        del d.RealWorldValueMappingSequence
    case("no scale at all", low, high, ["not_calibrated"])


def check_partners():
    low, high = pair(spine())
    case("low alone", low, None, ["pair_incomplete"])
    case("high alone", None, high, ["pair_incomplete"])
    low, _ = pair(spine())
    other, _ = pair(spine())
    other.SOPInstanceUID = "2.25.79"
    case("two low images", low, other, ["pair_incomplete"])
    for name, key, value in (("another series", "SeriesInstanceUID", "2.25.66"),
                             ("another acquisition", "AcquisitionNumber", 2),
                             ("another spacing", "PixelSpacing", ["0.6", "0.61"])):
        case(name, *pair(spine(), None, {}, {key: value}), ["pair_incomplete"])
    low, high = pair(spine())
    high.Rows = ROWS - 1
    high.PixelData = high.PixelData[:2 * (ROWS - 1) * COLUMNS]
    case("another number of rows", low, high, ["pair_incomplete"])
    low, high = pair(spine())
    high.Rows, high.Columns = COLUMNS, ROWS
    case("rows and columns exchanged in one", low, high, ["pair_incomplete"])
    for spacing in (["0", "0"], ["-0.6", "0.6"], ["1e9", "1e9"], ["1e-9", "1e-9"], ["nan", "nan"]):
        try:
            both = pair(spine(), None, {"PixelSpacing": spacing}, {"PixelSpacing": spacing})
        except ValueError:
            continue
        case(f"spacing {spacing}", *both, ["no_spacing", "not_evaluable", "image_too_small", "limits_exceeded"])
    both = pair(spine())
    for d in both:
        del d.PixelSpacing
    case("no spacing", *both, ["no_spacing"])


def check_that_the_spine_itself_is_measured():
    """Otherwise every refusal above could be one of the maker's own mistakes."""
    with tempfile.TemporaryDirectory() as folder:
        for file, d in zip(("low.dcm", "high.dcm"), pair(spine())):
            save(d, Path(folder) / file)
        document, failure = analyze(folder)
    measured = not failure and densities(document)
    check(measured, f"the sound spine is not measured: {failure or codes(document)}")


def main():
    pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    check_that_the_spine_itself_is_measured()
    check_pixels()
    check_calibration()
    check_partners()
    finish("scans")


main()

"""Writes structured reports of many shapes beside the numbers that a reader must give.

pip install pydicom highdicom. `make_sr_variants.py` writes the content trees as JSON for the content reader;
`make_sr_variants.py DIR` also writes each as a DICOM file. Numbers are made up.
"""
import json
import pathlib
import sys

import highdicom as hd
from highdicom import sr
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from make_sr import tree

OUT = pathlib.Path(__file__).parent / "sr_variants.json"
CLASSES = {"enhanced": "1.2.840.10008.5.1.4.1.1.88.22", "comprehensive": "1.2.840.10008.5.1.4.1.1.88.33",
           "3d": "1.2.840.10008.5.1.4.1.1.88.34"}
LEFT, RIGHT = ("7771000", "SCT", "Left"), ("24028007", "SCT", "Right")
BOTH = ("51440002", "SCT", "Right and left")
NECK, PROXIMAL = ("29627003", "SCT", "Neck of femur"), ("310651003", "SCT", "Proximal femur")
HIP, LUMBAR = ("29836001", "SCT", "Hip region"), ("122496007", "SCT", "Lumbar spine")
LEVELS = {"L1": ("66794005", "SCT", "L1 vertebra"), "L2": ("14293000", "SCT", "L2 vertebra"),
          "L3": ("36470004", "SCT", "L3 vertebra"), "L4": ("11994002", "SCT", "L4 vertebra")}
SPINE = {"bmd": "24966-4", "t": "38267-1", "z": "85394-5"}
FEMUR_L = {"bmd": "80954-1", "t": "80948-3", "z": "80940-0"}
FEMUR = {"bmd": "24701-5", "t": "38263-0", "z": "80934-3"}
HIP_R = {"bmd": "46279-6", "t": "80945-9", "z": "80937-6"}
HIP_ANY = {"bmd": "38261-4", "t": "38264-8", "z": "80933-5"}
FOREARM_L = {"bmd": "80952-5", "t": "80944-2", "z": "80936-8"}


def coded(value, scheme, meaning):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Sequence([item])


def item(relationship, kind, concept, children=()):
    made = Dataset()
    made.RelationshipType, made.ValueType = relationship, kind
    if concept:
        made.ConceptNameCodeSequence = coded(*concept)
    if children:
        made.ContentSequence = Sequence(children)
    return made


def num(concept, value, unit, *children, relationship="CONTAINS"):
    if isinstance(concept, str):
        concept = (concept, "LN", "DXA measurement")
    made = item(relationship, "NUM", concept, children)
    made.MeasuredValueSequence = Sequence()
    if value is not None:
        measured = Dataset()
        measured.NumericValue = value
        measured.MeasurementUnitsCodeSequence = coded(unit, "UCUM", unit)
        made.MeasuredValueSequence = Sequence([measured])
    return made


def named(name, value, unit, *children, **more):
    return num(("X1", "99MAKER", name), value, unit, *children, **more)


def text(relationship, concept, value):
    made = item(relationship, "TEXT", concept)
    made.TextValue = value
    return made


def code(relationship, concept, value, *children):
    made = item(relationship, "CODE", concept, children)
    made.ConceptCodeSequence = coded(*value)
    return made


def container(name, *children):
    made = item("CONTAINS", "CONTAINER", name if isinstance(name, tuple) else ("X2", "99MAKER", name), children)
    made.ContinuityOfContent = "SEPARATE"
    return made


def site(value, side=None, nested=True):
    laterality = [code("HAS CONCEPT MOD", ("272741003", "SCT", "Laterality"), side)] if side else []
    found = code("HAS CONCEPT MOD", ("363698007", "SCT", "Finding Site"), value, *(laterality if nested else ()))
    return [found] + ([] if nested else laterality)


def tracking(label):
    return text("HAS OBS CONTEXT", ("112039", "DCM", "Tracking Identifier"), label)


def group(*children):
    flat = [child for part in children for child in (part if isinstance(part, list) else [part])]
    return container(("125007", "DCM", "Measurement Group"), *flat)


def scores(codes, bmd, t, z, unit="g/cm2"):
    return [num(codes["bmd"], bmd, unit), num(codes["t"], t, "1"), num(codes["z"], z, "1")]


def report(children, kind="comprehensive"):
    made = container(("126000", "DCM", "Imaging Measurement Report"), *children)
    del made.RelationshipType
    made.SOPClassUID, made.SOPInstanceUID = CLASSES[kind], generate_uid(entropy_srcs=["sr"])
    return made


def total(rows):
    return [float(x) for x in rows]


CASES = []


def case(name, children, rows, findings=(), items=(), kind="comprehensive"):
    CASES.append({"name": name, "report": report(children, kind), "rows": rows,
                  "findings": None if findings is None else list(findings), "items": list(items)})


def build():
    neck = ["femoral_neck", "L", None, None, 0.7, -1.3, -0.2]
    for name, where in [
        ("nested laterality", site(NECK, LEFT)), ("laterality beside", site(NECK, LEFT, nested=False)),
        ("tracking NECK_L", [tracking("NECK_L")]), ("tracking words", [tracking("Left Femoral Neck")]),
        ("tracking and site", [tracking("NECK_L")] + site(NECK, LEFT)), ("side only in code", site(NECK)),
        ("tracking Neck Left", [tracking("Neck Left")]), ("tracking L Femoral Neck", [tracking("L Femoral Neck")]),
        ("meaning only", site(("123", "99LOCAL", "Left femoral neck"))), ("chinese", [tracking("左侧股骨颈")]),
    ]:
        for kind in CLASSES:
            case(f"neck, {name}, {kind}", [group(*where, *scores(FEMUR_L, "0.700", "-1.3", "-0.2"))], [neck], kind=kind)
    hip = ["total_hip", "R", None, None, 0.85, -0.8, 0.1]
    for name, where in [("proximal femur", site(PROXIMAL, RIGHT)), ("tracking TOTHIP_R", [tracking("TOTHIP_R")]),
                        ("total hip", [tracking("Total Hip Right")]), ("chinese", [tracking("右侧全髋")]),
                        ("total right", [tracking("Right Hip Total")])]:
        case(f"hip, {name}", [group(*where, *scores(HIP_R, "0.850", "-0.8", "0.1"))], [hip])
    case("hips, both sides unsided codes", [group(*site(PROXIMAL, LEFT), *scores(HIP_ANY, "0.8", "-1.0", "0.0")),
         group(*site(PROXIMAL, RIGHT), *scores(HIP_ANY, "0.9", "-0.5", "0.5"))],
         [["total_hip", "L", None, None, 0.8, -1.0, 0.0], ["total_hip", "R", None, None, 0.9, -0.5, 0.5]])
    for name, where in [("code", site(PROXIMAL, BOTH)), ("word", [tracking("Total Hip Mean")]),
                        ("tracking", [tracking("TOTHIP_MEAN")])]:
        case(f"mean of two hips, {name}", [group(*where, *scores(HIP_ANY, "0.850", "-0.8", "0.1"))],
             [["total_hip", "B", None, None, 0.85, -0.8, 0.1]])
    case("mean of two necks", [group(tracking("Neck mean"), *scores(FEMUR, "0.836", "-0.9", "0.2"))],
         [["femoral_neck", "B", None, None, 0.836, -0.9, 0.2]])
    areas = {"L1": ("13.26", "11.58", "0.873"), "L2": ("13.72", "12.94", "0.943"), "L3": ("14.81", "13.93", "0.941"),
             "L4": ("13.97", "13.40", "0.959")}
    groups = [group(*site(LEVELS[level]), num(SPINE["bmd"], bmd, "g/cm2"),
                    num(("42798000", "SCT", "Area"), area, "cm2"), named("BMC", bmc, "g"))
              for level, (area, bmc, bmd) in areas.items()]
    vertebrae = [[level, None, float(area), float(bmc), float(bmd), None, None]
                 for level, (area, bmc, bmd) in areas.items()]
    case("four vertebrae without total", groups, vertebrae)
    case("total by several sites", [group(*[s for level in LEVELS.values() for s in site(level)], *scores(SPINE, "0.930", "-1.1", "-0.9"))],
         [["L1-L4", None, None, None, 0.93, -1.1, -0.9]])
    case("three vertebrae by sites", [group(*[s for level in ("L1", "L2", "L4") for s in site(LEVELS[level])], *scores(SPINE, "0.926", "-1.1", "-0.9"))],
         [["L1-L2,L4", None, None, None, 0.926, -1.1, -0.9]])
    case("set by tracking identifier", [group(tracking("L1,L3-L4"), *site(LUMBAR), *scores(SPINE, "0.925", "-1.1", "-0.9"))],
         [["L1,L3-L4", None, None, None, 0.925, -1.1, -0.9]])
    case("spine by convention", [group(*site(LUMBAR), *scores(SPINE, "0.930", "-1.1", "-0.9"))],
         [["L1-L4", None, None, None, 0.93, -1.1, -0.9]], findings=["site_from_convention"])
    properties = [num(("121416", "DCM", "Z-Score of measurement"), "-1.0", "1", relationship="HAS PROPERTIES"),
                  named("T-score", "-1.6", "1", relationship="HAS PROPERTIES"),
                  text("HAS PROPERTIES", ("121405", "DCM", "Population Description"), "White Female")]
    case("scores as properties", [group(*site(LEVELS["L1"]), num(SPINE["bmd"], "0.873", "g/cm2", *properties))],
         [["L1", None, None, None, 0.873, -1.6, -1.0]])
    case("milligrams", [group(*site(LEVELS["L1"]), num(SPINE["bmd"], "873", "mg/cm2"))],
         [["L1", None, None, None, 0.873, None, None]])
    for unit in ("g/cm-2", "1", "mg/cm3", "%"):
        case(f"density in {unit}", [group(*site(LEVELS["L1"]), num(SPINE["bmd"], "0.873", unit), num(SPINE["t"], "-1.6", "1"))],
             [["L1", None, None, None, None, -1.6, None]], findings=["unit_contradicts_concept"], items=["DXA measurement"])
    case("density under a score's code", [group(*site(LEVELS["L1"]), num(SPINE["t"], "0.873", "g/cm2"))], [],
         findings=["unit_contradicts_concept"], items=["DXA measurement"])
    case("same twice", [group(*site(LEVELS["L1"]), *scores(SPINE, "0.873", "-1.6", "-1.0"))] * 2,
         [["L1", None, None, None, 0.873, -1.6, -1.0]])
    case("twice and different", [group(*site(LEVELS["L1"]), num(SPINE["bmd"], "0.873", "g/cm2")),
         group(*site(LEVELS["L1"]), num(SPINE["bmd"], "0.973", "g/cm2"))], [], findings=["duplicate_row_conflict"])
    case("missing density", [group(*site(LEVELS["L1"]), num(SPINE["bmd"], None, None), num(SPINE["t"], "-1.6", "1"))],
         [["L1", None, None, None, None, -1.6, None]])
    case("nothing measured", [group(*site(LEVELS["L1"]), num(SPINE["bmd"], None, None))], [])
    case("carried", [named("TBS L1-L4", "1.312", "1"), named("QCT trabecular BMD L1", "112", "mg/cm3"),
         named("BUA", "70.5", "dB/MHz"), named("Speed of sound", "1530", "m/s")], [],
         items=["TBS L1-L4", "QCT trabecular BMD L1", "BUA", "Speed of sound"])
    case("flat english", [named("L1 BMD", "0.873", "g/cm2"), named("L1 T-score", "-1.6", "1"),
         named("Left Femoral Neck BMD", "0.700", "g/cm2"), named("Left Total Hip BMD", "0.820", "g/cm2"),
         named("Left Total Hip Z-score", "0.4", "1"), named("Right Hip Neck BMD", "0.710", "g/cm2")],
         [["L1", None, None, None, 0.873, -1.6, None], ["femoral_neck", "L", None, None, 0.7, None, None],
          ["total_hip", "L", None, None, 0.82, None, 0.4], ["femoral_neck", "R", None, None, 0.71, None, None]])
    case("flat chinese", [named("腰椎1-4骨密度", "0.930", "g/cm2"), named("腰椎1-4 T值", "-1.1", "1"),
         named("左侧股骨颈骨密度", "0.700", "g/cm2"), named("右侧全髋Z值", "0.4", "1"), named("L2骨矿含量", "12.94", "g")],
         [["L1-L4", None, None, None, 0.93, -1.1, None], ["femoral_neck", "L", None, None, 0.7, None, None],
          ["total_hip", "R", None, None, None, None, 0.4], ["L2", None, None, 12.94, None, None, None]])
    case("titles in words", [container("Left Hip", container("Femoral Neck", named("BMD", "0.700", "g/cm2"), named("T-score", "-1.3", "1")),
         container("Total", named("BMD", "0.820", "g/cm2")), container("Trochanter", named("BMD", "0.600", "g/cm2"))),
         container("AP Spine", container("L1-L4", named("BMD", "0.930", "g/cm2")), container("L2", named("Bone Mineral Density", "0.943", "g/cm2")))],
         [["femoral_neck", "L", None, None, 0.7, -1.3, None], ["total_hip", "L", None, None, 0.82, None, None],
          ["trochanter", "L", None, None, 0.6, None, None], ["L1-L4", None, None, None, 0.93, None, None],
          ["L2", None, None, None, 0.943, None, None]])
    for name, where in [("radius 33 %", [tracking("Left Radius 33%")]), ("1/3 radius", [tracking("1/3 Radius L")]),
                        ("R33", [tracking("R33_L")]), ("radius site", site(("62413002", "SCT", "Radius"), LEFT) + [tracking("33%")])]:
        case(f"forearm, {name}", [group(*where, *scores(FOREARM_L, "0.650", "-1.0", "0.3"))],
             [["radius_33", "L", None, None, 0.65, -1.0, 0.3]])
    case("forearm, both bones", [group(*site(("110535000", "SCT", "Radius and ulna"), LEFT), tracking("1/3"), *scores(FOREARM_L, "0.600", "-1.0", "0.3"))],
         [["radius_ulna_33", "L", None, None, 0.6, -1.0, 0.3]])
    case("forearm, code alone", scores(FOREARM_L, "0.600", "-1.0", "0.3"), [], findings=["site_not_named"] * 3, items=["DXA measurement"])
    case("side contradicts", [group(*site(NECK, RIGHT), *scores(FEMUR_L, "0.700", "-1.3", "-0.2"))], [], findings=["site_not_named"] * 3)
    case("site contradicts", [group(*site(LEVELS["L1"]), tracking("L2"), num(SPINE["bmd"], "0.9", "g/cm2"))], [], findings=["site_not_named"])
    case("whole body", [group(*site(("38266002", "SCT", "Entire body")), num("46383-6", "1.166", "g/cm2"), named("T-score", "0.4", "1"))],
         [["total_body", None, None, None, 1.166, 0.4, None]])
    case("unknown", [named("Wobble", "3", "1"), named("L1 BMD", "0.873", "g/cm2")], [["L1", None, None, None, 0.873, None, None]],
         findings=["device_item_unknown"], items=["Wobble"])
    case("decimals", [group(*site(LEVELS["L1"]), *scores(SPINE, "0.87333", "-1.64", "-1.02"))], [["L1", None, None, None, 0.87333, -1.64, -1.02]])
    case("exponent", [group(*site(LEVELS["L1"]), num(SPINE["bmd"], "8.73e-1", "g/cm2"))], [["L1", None, None, None, 0.873, None, None]])
    case("decimal comma", [group(*site(LEVELS["L1"]), num(SPINE["t"], "-1.6", "1"))], [["L1", None, None, None, None, -1.6, None]])
    case("unit in braces", [group(*site(LEVELS["L1"]), num(SPINE["t"], "-1.6", "{T-score}"), num(SPINE["z"], "-1.0", "{Z-score}"))],
         [["L1", None, None, None, None, -1.6, -1.0]])
    case("reference beside", [group(*site(LEVELS["L1"]), text("CONTAINS", ("121405", "DCM", "Population Description"), "T-score vs. White Female. Source: NHANES"), *scores(SPINE, "0.873", "-1.6", "-1.0"))],
         [["L1", None, None, None, 0.873, -1.6, -1.0]])
    case("lateral spine", [container("Lateral Spine", container("L2", named("BMD", "0.700", "g/cm2")), container("L3", named("BMD", "0.710", "g/cm2")))],
         [], items=["BMD"])
    made_by_highdicom()


def made_by_highdicom():
    def measured(value, code_value, unit):
        return sr.Measurement(name=sr.CodedConcept(code_value, "LN", "DXA"), value=value, unit=Code(unit, "UCUM", unit))

    found = sr.FindingSite(anatomic_location=Code(*NECK), laterality=Code(*LEFT))
    made = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=hd.UID(), identifier="NECK_L"), finding_sites=[found],
        measurements=[measured(0.7, FEMUR_L["bmd"], "g/cm2"), measured(-1.3, FEMUR_L["t"], "1"), measured(-0.2, FEMUR_L["z"], "1")])
    observer = sr.ObserverContext(observer_type=Code("121007", "DCM", "Device"),
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(uid=hd.UID(), name="Device"))
    whole = sr.MeasurementReport(observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=Code("241686001", "SCT", "Dual energy X-Ray absorptiometry"), imaging_measurements=[made])
    root = Dataset()
    root.update(whole[0])
    root.SOPClassUID, root.SOPInstanceUID = CLASSES["3d"], generate_uid(entropy_srcs=["hd"])
    CASES.append({"name": "highdicom", "report": root, "rows": [["femoral_neck", "L", None, None, 0.7, -1.3, -0.2]], "findings": [], "items": []})


def write(folder, index, made):
    root = Dataset()
    root.update(made["report"])
    root.PatientName, root.PatientID, root.PatientSex, root.PatientBirthDate = "Doe^Jane", f"SR{index}", "F", "19610203"
    root.StudyInstanceUID, root.SeriesInstanceUID = f"1.2.3.{index}", f"1.2.3.{index}.1"
    root.SOPInstanceUID = f"1.2.3.{index}.1.1"
    root.StudyDate, root.Modality, root.Manufacturer = "20240517", "SR", "HOLOGIC"
    root.SpecificCharacterSet = "ISO_IR 192"
    root.file_meta = FileMetaDataset()
    root.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    root.save_as(folder / f"{index:03}.dcm", enforce_file_format=True)


if __name__ == "__main__":
    build()
    trees = [{key: value for key, value in made.items() if key != "report"} | {"tree": tree(made["report"])} for made in CASES]
    OUT.write_text(json.dumps(trees, ensure_ascii=False, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
    if len(sys.argv) > 1:
        for index, made in enumerate(CASES):
            write(pathlib.Path(sys.argv[1]), index, made)
    print(len(CASES), "reports")

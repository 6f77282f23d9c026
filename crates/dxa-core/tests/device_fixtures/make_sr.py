"""Builds a TID 1500 report with highdicom and writes its content tree as JSON for the content reader.

pip install highdicom. The numbers are made up.
"""
import json
import pathlib

import highdicom as hd
from highdicom import sr
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

OUT = pathlib.Path(__file__).parent / "tid1500.json"
LOINC = {
    "lumbar": ("24966-4", "38267-1", "85394-5"),
    "femur_left": ("80954-1", "80948-3", "80940-0"),
    "hip_right": ("46279-6", "80945-9", "80937-6"),
}
G_CM2 = Code("g/cm2", "UCUM", "g/cm2")
UNITY = Code("1", "UCUM", "no units")


def concept(value):
    return sr.CodedConcept(value, "LN", "DXA measurement")


def group(label, key, site, side, bmd, t, z):
    bmd_code, t_code, z_code = (concept(value) for value in LOINC[key])
    properties = sr.MeasurementProperties(
        normality=None,
        measurement_statistical_properties=None,
        normal_range_properties=None,
        level_of_significance=None,
    )
    finding_site = sr.FindingSite(anatomic_location=site, laterality=side)
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=hd.UID(), identifier=label),
        finding_sites=[finding_site],
        measurements=[
            sr.Measurement(name=bmd_code, value=bmd, unit=G_CM2, properties=properties),
            sr.Measurement(name=t_code, value=t, unit=UNITY),
            sr.Measurement(name=z_code, value=z, unit=UNITY),
        ],
    )


def code(item):
    return {"value": item.CodeValue, "scheme": item.CodingSchemeDesignator, "meaning": item.CodeMeaning}


def tree(item):
    node = {"relationship": item.get("RelationshipType"), "value_type": item.ValueType}
    if "ConceptNameCodeSequence" in item:
        node["concept"] = code(item.ConceptNameCodeSequence[0])
    if item.ValueType == "NUM" and item.MeasuredValueSequence:
        measured = item.MeasuredValueSequence[0]
        node["numeric"] = {"value": str(measured.NumericValue), "unit": code(measured.MeasurementUnitsCodeSequence[0])}
    if item.ValueType == "CODE":
        node["code_value"] = code(item.ConceptCodeSequence[0])
    if item.ValueType == "TEXT":
        node["text"] = item.TextValue
    node["children"] = [tree(child) for child in item.get("ContentSequence", [])]
    return node


def main():
    l1 = Code("66794005", "SCT", "L1 vertebra")
    lumbar = Code("122496007", "SCT", "Lumbar spine")
    neck = Code("29627003", "SCT", "Neck of femur")
    proximal = Code("310651003", "SCT", "Proximal femur")
    groups = [
        group("L1", "lumbar", l1, None, 0.873, -1.1, -1.0),
        group("L1-L4", "lumbar", lumbar, None, 0.930, -1.1, -0.9),
        group("NECK_L", "femur_left", neck, codes.SCT.Left, 0.700, -1.3, -0.2),
        group("TOTHIP_R", "hip_right", proximal, codes.SCT.Right, 0.850, -0.8, 0.1),
    ]
    observer = sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(uid=hd.UID(), name="Device"),
    )
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=Code("241686001", "SCT", "Dual energy X-Ray absorptiometry"),
        imaging_measurements=groups,
    )
    OUT.write_text(json.dumps(tree(report[0]), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

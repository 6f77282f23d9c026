"""Record systems ask and tell: fhirkit and fhir.resources read what FHIR answers, hl7apy writes messages and reads their answers."""
import json
import socket
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import fhirkit
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationdefinition import OperationDefinition
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from fhir.resources.R4B import get_fhir_model_class
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.core import Message
from hl7apy.parser import parse_message

from peer import DXA, ROOT, check, finish, free_port, wait

SCAN = ROOT / "test-scans/07-hologic-spine.dcm"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        http, hl7 = free_port(), free_port()
        config = folder / "dxa.toml"
        config.write_text(
            f"""[store]
data = "{folder}/store"
reserve_bytes = 0
[http]
listen = "127.0.0.1:{http}"
[dimse]
listen = "127.0.0.1:{free_port()}"
[hl7]
listen = "127.0.0.1:{hl7}"
authority = "HOSP"
facts = [{{ code = "MENO", key = "menopause", values = {{ "绝经后" = "post" }} }}]
procedures = [{{ code = "DEXA2", instances = 2 }}]
[study]
quiet_seconds = 0.1
""",
            encoding="utf-8",
        )
        service = subprocess.Popen([DXA, "serve", "--config", config], stderr=subprocess.DEVNULL)
        try:
            records(http, hl7)
        finally:
            service.terminate()
            service.wait(20)
    finish("properties of records that ask and tell")


def records(http, hl7):
    base = f"http://127.0.0.1:{http}"

    def ask(path, body=None, kind=None):
        request = urllib.request.Request(base + path, data=body, headers={"Content-Type": kind} if kind else {})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    wait(lambda: ask("/healthz")[0] == 200, 30, "the service does not start")
    status, _ = ask("/dicom-web/studies", SCAN.read_bytes(), "application/dicom")
    check(status == 200, f"STOW answers {status}")
    listed = lambda: json.loads(ask("/api/v1/studies?state=analyzed")[1])["studies"]
    study = wait(listed, 60, "the study is not analyzed")[0]
    uid = study["instance_uid"]
    result = lambda: json.loads(ask(f"/api/v1/studies/{uid}")[1])["studies"][0]
    before = result()["regions"]
    regions = [one for one in before if one["bmd_g_cm2"] is not None]

    metadata = ask("/fhir/metadata")[1]
    check_valid(metadata, "metadata")
    statement = CapabilityStatement.model_validate_json(metadata)
    kinds = [resource.type for resource in statement.rest[0].resource]
    for kind in kinds:
        status, page = ask(f"/fhir/{kind}?_count=500&_total=accurate")
        bundle = Bundle.model_validate_json(page)
        check_valid(page, kind)
        check(status == 200 and bundle.total == len(bundle.entry or []) > 0, f"{kind}: {status}, {bundle.total}")
        for entry in bundle.entry:
            one = entry.resource
            status, read = ask(f"/fhir/{kind}/{one.id}")
            same = get_fhir_model_class(kind).model_validate_json(read)
            check(status == 200 and same == one, f"{kind}/{one.id} reads otherwise than it is found")
    for search in statement.rest[0].resource:
        for parameter in search.searchParam:
            value = {"date": "ge2000", "reference": "Patient/x"}.get(parameter.type, "x")
            path = f"/fhir/{search.type}?{urlencode({parameter.name: value})}"
            check(ask(path)[0] == 200, f"{path} is stated and not taken")

    number = study["patient"]["patient_id"]
    path = "/fhir/Observation?" + urlencode({"patient.identifier": number, "code": "BMD", "_count": 500})
    found = Bundle.model_validate_json(ask(path)[1])
    values = sorted(float(entry.resource.valueQuantity.value) for entry in found.entry)
    check(values == sorted(one["bmd_g_cm2"] for one in regions), f"densities {values}")
    report = Bundle.model_validate_json(ask(f"/fhir/DiagnosticReport?identifier={uid}")[1]).entry[0].resource
    page = ask(f"/fhir/DiagnosticReport/{report.id}/$everything")[1]
    check_valid(page, "$everything")
    everything = Bundle.model_validate_json(page)
    there = {f"{entry.resource.get_resource_type()}/{entry.resource.id}" for entry in everything.entry}
    check({reference.reference for reference in report.result} <= there, "a result that is not in $everything")
    OperationDefinition.model_validate_json(ask("/fhir/OperationDefinition/diagnosticreport-everything")[1])
    for path, status in [("/fhir/Observation/x", 404), ("/fhir/Observation?name=x", 400), ("/fhir/Basic", 404)]:
        answer, outcome = ask(path)
        OperationOutcome.model_validate_json(outcome)
        check_valid(outcome, path)
        check(answer == status, f"{path}: {answer}")

    def tell(message):
        with socket.create_connection(("127.0.0.1", hl7), timeout=20) as line:
            line.sendall(b"\x0b" + message.encode() + b"\x1c\r")
            data = b""
            while b"\x1c\r" not in data:
                data += line.recv(4096)
        text = data.lstrip(b"\x0b").partition(b"\x1c")[0].decode()
        answer = parse_message(text, validation_level=VALIDATION_LEVEL.STRICT)
        answer.validate()
        return answer.msa.msa_1.value, answer.msa.msa_2.value

    check(tell(admission(number, result()["patient"]["birth_date"])) == ("AA", "A1"), "ADT is not taken")
    check(tell(observations(number)) == ("AA", "O1"), "ORU is not taken")
    told = wait(lambda: result()["provenance"]["version"] > 1 and result(), 60, "the facts make no new version")
    check(told["report"]["reason"] == "context", f"the reason is {told['report']['reason']}")
    path = f"/api/v1/patients/{study['patient']['id']}/context"
    known = json.loads(ask(path)[1])
    check(known["context"] == {"height_cm": 158.5, "menopause": "post"}, f"context {known['context']}")

    response = QuestionnaireResponse.model_validate(
        {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "item": [{"linkId": "menopause", "answer": [{"valueCoding": {"code": "peri"}}]}],
        }
    )
    status, _ = ask(path, response.model_dump_json().encode(), "application/fhir+json")
    check(status == 202, f"the questionnaire is answered with {status}")
    conflict = json.loads(ask(path)[1])["conflicts"][0]
    check([said["value"] for said in conflict["values"]] == ["peri", "post"], f"{conflict}")
    rows = json.loads(ask("/api/v1/messages")[1])["messages"]
    check([row["state"] for row in rows] == ["taken", "taken"], f"{rows}")

    # The scanner tells its own numbers: another source of the same study, beside what its objects say.
    check(tell(measurements(number, uid)) == ("AA", "M1"), "the scanner's ORU is not taken")

    def by_message():
        study = result()
        scans = [at for at, scan in enumerate(study["scans"]) if not scan["sop_instance_uids"]]
        return [region for region in study["regions"] if region["scan"] in scans]

    told = wait(by_message, 60, "the scanner's numbers do not reach the study") or []
    numbers = {(one["site"], one["bmd_g_cm2"], one["device"]["t"], one["provenance"]) for one in told}
    check(numbers == {("L2", 0.5, -4.1, "device_reported")}, f"{numbers}")
    codes = {finding["code"] for finding in result()["findings"]}
    check({"reported_by_message", "reported_values_differ"} <= codes, f"{codes}")
    of_objects = [(one["site"], one["bmd_g_cm2"]) for one in result()["regions"] if one not in told]
    check(of_objects == [(one["site"], one["bmd_g_cm2"]) for one in before], "the objects say something else")
    row = json.loads(ask("/api/v1/messages")[1])["messages"][0]
    check((row["state"], row["reason"]) == ("taken", "OBX-3 PIXELS is not known"), f"{row}")
    path = "/fhir/Observation?" + urlencode({"patient.identifier": number, "code": "BMD", "_count": 500})
    found = Bundle.model_validate_json(ask(path)[1])
    check(0.5 in [float(entry.resource.valueQuantity.value) for entry in found.entry], "FHIR lacks the number")

    # An order is expected until its study is here.
    check(tell(order("SOMEBODY")) == ("AA", "R1"), "ORM is not taken")
    (expected,) = json.loads(ask("/api/v1/expected")[1])["expected"]
    check((expected["accession_number"], expected["instances"]) == ("ACC9", 2), f"{expected}")


def check_valid(page, where):
    issues = [str(issue) for issue in fhirkit.validate(page) if issue.severity == "error"]
    check(not issues, f"{where}: fhirkit: {issues[:3]}")


def admission(number, born):
    message = Message("ADT_A01", version="2.5.1")
    message.msh.msh_3, message.msh.msh_4, message.msh.msh_9 = "EMR", "HOSP", "ADT^A08^ADT_A01"
    message.msh.msh_10, message.msh.msh_11, message.msh.msh_18 = "A1", "P", "UNICODE UTF-8"
    message.evn.evn_2 = "20240518"
    message.pid.pid_3, message.pid.pid_5 = f"{number}^^^HOSP^MR", "王^小东"
    message.pid.pid_7 = born.replace("-", "")
    message.pv1.pv1_2 = "O"
    return message.to_er7()


def observations(number):
    rows = [("NM", "8302-2^Body height^LN", "", "1585", "mm"), ("ST", "MENO^绝经^L", "", "绝经后", "")]
    return results(number, "EMR", "HOSP", "O1", "VITALS", rows)


def measurements(number, study):
    rows = [
        ("HD", "113014^DICOM Study^DCM", "", study, ""),
        ("NM", "24966-4^DXA Lumbar spine^LN", "L2", "0.500", "g/cm2"),
        ("NM", "38267-1^DXA Lumbar spine T-score^LN", "L2", "-4.1", "1"),
        ("NM", "PIXELS^Pixels^L", "", "7", ""),
    ]
    return results(number, "APEX", "ROOM1", "M1", "SPINE^AP Spine^L", rows)


def results(number, application, facility, control, procedure, rows):
    """An ORU of rows of type, code, sub-id, value and unit."""
    message = Message("ORU_R01", version="2.5.1")
    message.msh.msh_3, message.msh.msh_4, message.msh.msh_9 = application, facility, "ORU^R01^ORU_R01"
    message.msh.msh_10, message.msh.msh_11, message.msh.msh_18 = control, "P", "UNICODE UTF-8"
    patient = message.add_group("ORU_R01_PATIENT_RESULT")
    patient.add_group("ORU_R01_PATIENT").pid.pid_3 = f"{number}^^^HOSP^MR"
    order = patient.add_group("ORU_R01_ORDER_OBSERVATION")
    order.obr.obr_4 = procedure
    for index, (kind, code, label, value, unit) in enumerate(rows):
        row = order.add_group("ORU_R01_OBSERVATION").obx
        row.obx_1, row.obx_2, row.obx_3, row.obx_5, row.obx_11 = str(index + 1), kind, code, value, "F"
        row.obx_4, row.obx_6 = label, unit
    return message.to_er7()


def order(number):
    message = Message("ORM_O01", version="2.5.1")
    message.msh.msh_3, message.msh.msh_4, message.msh.msh_9 = "RIS", "HOSP", "ORM^O01^ORM_O01"
    message.msh.msh_10, message.msh.msh_11 = "R1", "P"
    message.add_group("ORM_O01_PATIENT").pid.pid_3 = f"{number}^^^HOSP^MR"
    group = message.add_group("ORM_O01_ORDER")
    group.orc.orc_1, group.orc.orc_2 = "NW", "PL9"
    detail = group.add_group("ORM_O01_ORDER_DETAIL")
    detail.obr.obr_2, detail.obr.obr_4, detail.obr.obr_18 = "PL9", "DEXA2", "ACC9"
    return message.to_er7()


if __name__ == "__main__":
    main()

"""What storescu and Orthanc send reaches archives and records that fail first, as documents that their own software finds
valid: pynetdicom, Orthanc, a STOW and a FHIR server, MLLP receivers, one of them over TLS."""
import base64
import json
import socket
import ssl
import subprocess
import tempfile
import threading
import urllib.request
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import fhirkit
import pydicom
from fhir.resources.R4B.bundle import Bundle
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from pynetdicom import AE, evt
from pynetdicom.sop_class import ComprehensiveSRStorage, SecondaryCaptureImageStorage

from peer import DXA, ROOT, certificates, check, finish, free_port, wait
from peer.orthanc import Orthanc
from peer.pdf import text_of

SCAN = ROOT / "test-scans/07-hologic-spine.dcm"


class Archive:
    """A DICOM archive that answers A700, then closes the connection, then stores; and one that always says C000."""

    def __init__(self, script):
        self.script, self.stored, self.port = list(script), {}, free_port()
        entity = AE("PACS")
        for name in (ComprehensiveSRStorage, SecondaryCaptureImageStorage):
            entity.add_supported_context(name)
        self.server = entity.start_server(
            ("127.0.0.1", self.port), block=False, evt_handlers=[(evt.EVT_C_STORE, self.store)]
        )

    def store(self, event):
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if step == "reset":
            event.assoc.abort()
            return 0x0110
        if step == 0x0000:
            self.stored[str(event.request.AffectedSOPInstanceUID)] = event.encoded_dataset(include_meta=False)
        return step


class Web:
    """A server that takes STOW or transactions, after so many failures."""

    def __init__(self, failures, tls=None):
        self.failures, self.bodies, outer = failures, [], self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.failures > 0:
                    outer.failures -= 1
                    return self.answer(503, {})
                outer.bodies.append((self.path, self.headers, body))
                if "multipart" in self.headers["Content-Type"]:
                    return self.answer(200, {})
                entries = [{"response": {"status": "200 OK"}} for _ in json.loads(body)["entry"]]
                self.answer(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries})

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Receiver:
    """An MLLP receiver that closes, then takes and closes without a word, then answers another message, then AE,
    then twice, and then as it should. Effects are counted by control id."""

    STEPS = ["close", "commit-and-close", "wrong-id-then-close", "AE", "twice"]

    def __init__(self, steps=STEPS, tls=None):
        self.steps, self.effects, self.messages, self.tls = list(steps), {}, [], tls
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.together = self.most = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            self.together += 1
            self.most = max(self.most, self.together)
            try:
                self.serve(self.tls.wrap_socket(connection, server_side=True) if self.tls else connection)
            except ssl.SSLError:
                self.messages.append("no TLS as wanted")
            finally:
                connection.close()
                self.together -= 1

    def serve(self, connection):
        data = b""
        while True:
            while b"\x1c\r" not in data:
                part = connection.recv(65536)
                if not part:
                    return
                data += part
            frame, _, data = data.partition(b"\x1c\r")
            message = frame.lstrip(b"\x0b").decode()
            self.messages.append(message)
            control = message.split("\r")[0].split("|")[9]
            step = self.steps.pop(0) if self.steps else "AA"
            if step == "close":
                return
            if step != "AE":
                self.effects.setdefault(control, 0)
                self.effects[control] += 1
            if step == "commit-and-close":
                return
            if step == "wrong-id-then-close":
                connection.sendall(self.answer("AA", "nobody"))
                return
            answer = self.answer("AE" if step == "AE" else "AA", control)
            connection.sendall(answer * (2 if step == "twice" else 1))

    @staticmethod
    def answer(code, control):
        text = f"MSH|^~\\&|EMR||DXA||20240517||ACK|1|P|2.5.1\rMSA|{code}|{control}\r"
        return b"\x0b" + text.encode() + b"\x1c\r"


def main():
    with tempfile.TemporaryDirectory() as name:
        run(Path(name))
    finish("properties of deliveries")


def run(folder):
    archive, refuser = Archive([0xA700, "reset", 0x0000]), Archive([0xC000])
    stow, record, receiver = Web(2), Web(1), Receiver()
    tls = demanding(folder)
    encrypted, own = Receiver([], tls), Web(0, tls)
    http, dicom = free_port(), free_port()
    orthanc = Orthanc(folder, dicom)
    config = folder / "dxa.toml"
    config.write_text(
        f"""[store]
data = "{folder}/store"
reserve_bytes = 0
[http]
listen = "127.0.0.1:{http}"
[dimse]
listen = "127.0.0.1:{dicom}"
[study]
quiet_seconds = 0.3
[report]
attach = true
[report.layout]
organization = "Example Hospital"
[deliver]
retry_first_seconds = 0.2
retry_longest_seconds = 1.0
dicom = [
  {{ name = "pacs", ae_title = "PACS", address = "127.0.0.1:{archive.port}", send = ["sr"] }},
  {{ name = "refuser", ae_title = "PACS", address = "127.0.0.1:{refuser.port}", send = ["sr"] }},
  {{ name = "orthanc", ae_title = "ORTHANC", address = "127.0.0.1:{orthanc.dicom}", send = ["sr", "sc", "pdf"] }},
]
stow = [{{ name = "stow", url = "http://127.0.0.1:{stow.port}/dicom-web", send = ["sr"] }}]
hl7 = [
  {{ name = "emr", address = "127.0.0.1:{receiver.port}" }},
  {{ name = "clinic", address = "localhost:{encrypted.port}", tls = {{ certificate = "{folder}/dxa.pem", key = "{folder}/dxa.key", server_ca = "{folder}/hospital.pem" }} }},
]
fhir = [
  {{ name = "record", url = "http://127.0.0.1:{record.port}/fhir" }},
  {{ name = "own", url = "https://localhost:{own.port}/fhir", tls = {{ certificate = "{folder}/dxa.pem", key = "{folder}/dxa.key", server_ca = "{folder}/hospital.pem" }} }},
  {{ name = "stranger", url = "https://localhost:{own.port}/fhir" }},
]
""",
        encoding="utf-8",
    )
    service = subprocess.Popen([DXA, "serve", "--config", config], stderr=subprocess.DEVNULL)
    try:
        deliveries(folder, http, dicom, orthanc, archive, refuser, stow, record, receiver, encrypted)
    finally:
        service.terminate()
        service.wait(20)
        orthanc.end()


def demanding(folder):
    """What a receiver needs to show itself and to ask who sends."""
    certificates.authority(folder, "hospital")
    for name in ("localhost", "dxa"):
        certificates.issue(folder, "hospital", name)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "localhost.pem", folder / "localhost.key")
    tls.load_verify_locations(folder / "hospital.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    return tls


def deliveries(folder, http, dicom, orthanc, archive, refuser, stow, record, receiver, encrypted):
    def ask(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{http}{path}", timeout=20) as answer:
            return answer.read()

    wait(lambda: ask("/healthz"), 30, "the service does not start")
    study = str(pydicom.dcmread(SCAN, stop_before_pixels=True).StudyInstanceUID)
    subprocess.run(["storescu", "-aec", "DXA", "127.0.0.1", str(dicom), SCAN], check=True, capture_output=True)
    # Orthanc forwards the same scan: it is there already, and that is an acknowledgement, not another result.
    kept = orthanc.ask("/instances", SCAN.read_bytes())
    orthanc.ask("/modalities/dxa/store", kept["ID"].encode())

    def ledger():
        rows = json.loads(ask(f"/api/v1/deliveries?study={study}"))["deliveries"]
        return {row["destination"]: row for row in rows if row["document"] not in ("sc", "pdf")}

    def settled():
        rows = ledger()
        return rows if len(rows) == 9 and all(
            row["state"] in ("delivered", "dead") for name, row in rows.items() if name != "stranger"
        ) else None

    rows = wait(settled, 90, "deliveries do not come to an end") or ledger()
    for name in ("pacs", "orthanc", "stow", "emr", "clinic", "record", "own"):
        check(rows.get(name, {}).get("state") == "delivered", f"{name}: {rows.get(name)}")
    check(rows.get("stranger", {}).get("state") != "delivered", "a server of an unknown authority was trusted")
    check(rows.get("refuser", {}).get("state") == "dead", f"refuser: {rows.get('refuser')}")
    check("C000" in str(rows.get("refuser", {}).get("last_answer")), f"refuser: {rows.get('refuser')}")
    check(rows["pacs"]["attempts"] == 3, f"pacs: {rows['pacs']['attempts']} attempts")
    check(rows["emr"]["attempts"] == 5, f"emr: {rows['emr']['attempts']} attempts")
    check((rows["stow"]["attempts"], rows["record"]["attempts"]) == (3, 2), f"{rows['stow']} {rows['record']}")
    check(not refuser.stored, "the archive that refuses has something")

    report = ask(f"/api/v1/studies/{study}/sr.dcm")
    ours = pydicom.dcmread(BytesIO(report))
    check(list(archive.stored) == [str(ours.SOPInstanceUID)], f"the archive has {list(archive.stored)}")
    sent = archive.stored.get(str(ours.SOPInstanceUID), b"")
    check(sent and report.endswith(sent), "the archive has other bytes than the service gives")
    in_orthanc = orthanc.ask("/tools/lookup", str(ours.SOPInstanceUID).encode())
    check(len(in_orthanc) == 1, f"Orthanc does not have the report: {in_orthanc}")

    printed = ask(f"/api/v1/studies/{study}/report.pdf")
    check_printed(folder, orthanc, printed, "UNVERIFIED", "DRAFT")
    parts = receiver.messages[-1].split("^AP^PDF^Base64^")
    check(len(parts) == 2 and base64.b64decode(parts[1].split("|")[0]) == printed, "the message has another PDF")
    resources = [entry["resource"] for entry in json.loads(record.bodies[-1][2])["entry"]]
    (form,) = next(one["presentedForm"] for one in resources if one["resourceType"] == "DiagnosticReport")
    check(base64.b64decode(form["data"]) == printed, "the record has another PDF")
    sheet = ask(f"/api/v1/studies/{study}/report.pdf?audience=patient&lang=zh-CN")
    check("您的骨密度检查结果" in text_of(sheet), "the sheet for the patient is not printed")

    path, headers, body = stow.bodies[-1]
    check(path == "/dicom-web/studies", f"posted to {path}")
    whole = BytesParser().parsebytes(f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body)
    parts = [part.get_payload(decode=True) for part in whole.walk() if part.get_content_type() == "application/dicom"]
    check(len(parts) == 1, f"{len(parts)} parts")
    check(pydicom.dcmread(BytesIO(parts[0])).SOPInstanceUID == ours.SOPInstanceUID, "STOW got another object")

    bundle = Bundle.model_validate_json(record.bodies[-1][2])
    check(bundle.type == "transaction", f"a Bundle of type {bundle.type}")
    issues = [str(issue) for issue in fhirkit.validate(record.bodies[-1][2]) if issue.severity == "error"]
    check(not issues, f"fhirkit: {issues[:3]}")
    check(all(entry.request.method == "PUT" for entry in bundle.entry), "a request that is no PUT")

    check(len(set(receiver.effects)) == 1, f"control ids {set(receiver.effects)} for one message")
    check(receiver.most == 1, f"{receiver.most} messages in flight")
    check(len(set(receiver.messages)) == 1, "the message changed between tries")
    parse_message(receiver.messages[-1])
    # hl7apy takes no more than 199 letters of data for any length that HL7 allows to ED; all else is held strictly.
    plain = "\r".join(line for line in receiver.messages[-1].split("\r") if not line.split("|")[2:3] == ["ED"])
    parse_message(plain, validation_level=VALIDATION_LEVEL.STRICT).validate()
    check(encrypted.messages == receiver.messages[-1:], "over TLS another message comes")

    # Signed: a new report goes out that names the one it replaces.
    def change(action, body):
        path = f"http://127.0.0.1:{http}/api/v1/studies/{study}"
        etag = urllib.request.urlopen(path, timeout=20).headers["ETag"]
        headers = {"If-Match": etag, "Content-Type": "application/json"}
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{path}/{action}", data=data, method="POST", headers=headers)
        urllib.request.urlopen(request, timeout=30).read()

    change("sign", {})
    wait(lambda: len(archive.stored) == 2, 60, "the signed report does not reach the archive")
    signed = pydicom.dcmread(BytesIO(ask(f"/api/v1/studies/{study}/sr.dcm")))
    check(signed.VerificationFlag == "VERIFIED", "the signed report is not verified")
    series = signed.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
    check(series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == ours.SOPInstanceUID, "another predecessor")

    final = ask(f"/api/v1/studies/{study}/report.pdf")
    wait(lambda: len(reports_in(orthanc)) == 2, 60, "the signed report does not reach Orthanc as PDF")
    check_printed(folder, orthanc, final, "VERIFIED", "Signed by")

    def status(message):
        return next(segment for segment in message.split("\r") if segment.startswith("OBR|")).split("|")[25]

    wait(lambda: status(receiver.messages[-1]) == "F", 60, "no final message reaches the record system")

    # Amended: each side gets it as what replaces the signed one.
    change("amend", {"reason": "the wrong side"})
    wait(lambda: status(receiver.messages[-1]) == "C", 60, "no corrected message reaches the record system")
    wait(lambda: len(archive.stored) == 3, 60, "the amended report does not reach the archive")
    amended = pydicom.dcmread(BytesIO(ask(f"/api/v1/studies/{study}/sr.dcm")))
    check(amended.VerificationFlag == "VERIFIED", "the amended report is not verified")
    series = amended.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
    check(series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == signed.SOPInstanceUID, "another predecessor")

    def fhir_status():
        resources = [entry["resource"] for entry in json.loads(record.bodies[-1][2])["entry"]]
        return next(one["status"] for one in resources if one["resourceType"] == "DiagnosticReport")

    wait(lambda: fhir_status() == "amended", 60, "no amended report reaches the FHIR server")


ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"


def reports_in(orthanc):
    """The reports as PDF that Orthanc has, by their verification."""
    found = {}
    for instance in orthanc.ask("/instances"):
        address = f"http://127.0.0.1:{orthanc.http}/instances/{instance}/file"
        with urllib.request.urlopen(address, timeout=20) as answer:
            data = pydicom.dcmread(BytesIO(answer.read()))
        if data.SOPClassUID == ENCAPSULATED_PDF:
            found[data.VerificationFlag] = data
    return found


def check_printed(folder, orthanc, printed, verified, standing):
    """The PDF that the archive has is a valid object around the very file that the service gives."""
    report = wait(lambda: reports_in(orthanc).get(verified), 60, f"no {verified} PDF in Orthanc")
    if report is None:
        return
    check(report.EncapsulatedDocument[: report.EncapsulatedDocumentLength] == printed, f"{verified}: another PDF")
    text = text_of(printed)
    check("Example Hospital" in text and standing in text, f"{verified}: the head says {text[:200]!r}")
    file = folder / f"{verified}.dcm"
    report.save_as(file)
    verdict = subprocess.run(["dciodvfy", file], capture_output=True, text=True, check=False)
    said = verdict.stdout + verdict.stderr
    check("EncapsulatedPDF" in said and "Error" not in said, f"{verified}: dciodvfy: {said}")


if __name__ == "__main__":
    main()

"""Audit messages reach a syslog receiver over TLS, in order, with codes of PS3.16 and the structure of PS3.15 A.5."""
import os
import re
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.request
import xml.etree.ElementTree as ElementTree

from pydicom.sr import _concepts_dict

from peer import DXA, check, finish, free_port, wait_for


MEANINGS = {code: meaning[0] for group in _concepts_dict.concepts["DCM"].values() for code, meaning in group.items()}
# Children of a message in their order, with the attributes that each must have (PS3.15 A.5.1).
ORDER = ["EventIdentification", "ActiveParticipant", "AuditSourceIdentification", "ParticipantObjectIdentification"]
NEEDED = {
    "EventIdentification": {"EventDateTime", "EventOutcomeIndicator"},
    "ActiveParticipant": {"UserID", "UserIsRequestor"},
    "AuditSourceIdentification": {"AuditSourceID"},
    "ParticipantObjectIdentification": {"ParticipantObjectID"},
}


def main():
    with tempfile.TemporaryDirectory() as folder:
        certificate(folder)
        port, syslog = free_port(), free_port()
        settings = {
            "DXA_STORE__DATA": folder,
            "DXA_STORE__RESERVE_BYTES": "0",
            "DXA_HTTP__LISTEN": f"127.0.0.1:{port}",
            "DXA_DIMSE__LISTEN": f"127.0.0.1:{free_port()}",
            "DXA_AUDIT__SYSLOG": f"localhost:{syslog}",
            "DXA_AUDIT__TLS__SERVER_CA": f"{folder}/certificate.pem",
        }
        service = subprocess.Popen([DXA, "serve"], env={**os.environ, **settings})
        received = []
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", service)
            # The receiver is still down: these wait.
            for path in ["/dicom-web/studies?PatientName=Canary*", "/api/v1/studies"]:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
            threading.Thread(target=receive, args=(folder, syslog, received), daemon=True).start()
            for _ in range(150):
                if len(received) >= 3:
                    break
                time.sleep(0.1)
        finally:
            service.terminate()
            service.wait(10)
        verified = subprocess.run([DXA, "audit", "verify"], env={**os.environ, **settings}, capture_output=True,
                                  text=True, check=False)
        check(verified.returncode == 0 and "the chain holds" in verified.stdout, f"the chain: {verified.stderr}")
    kinds = [check_message(message) for message in received]
    check(kinds[:3] == ["110100", "110112", "110112"], f"events came as {kinds}")
    finish("properties of audit messages")


def check_message(message):
    head, _, xml = message.partition("\ufeff")
    check(re.fullmatch(r"<85>1 \S+Z \S+ dxa \d+ DICOM\+RFC3881 - ", head), f"syslog header {head!r}")
    check("canary" not in message.lower(), "a query's words are in a message")
    root = ElementTree.fromstring(xml)
    check(root.tag == "AuditMessage", f"the root is {root.tag}")
    names = [child.tag for child in root]
    check(names == sorted(names, key=ORDER.index), f"elements in the order {names}")
    check(names.count("EventIdentification") == 1 and names.count("AuditSourceIdentification") == 1, f"{names}")
    for child in root:
        check(NEEDED[child.tag] <= set(child.attrib), f"{child.tag} has {sorted(child.attrib)}")
    for coded in root.iter():
        if coded.attrib.get("codeSystemName") == "DCM":
            code, meaning = coded.attrib["csd-code"], coded.attrib["originalText"]
            check(MEANINGS.get(code, "").lower() == meaning.lower(), f"{code} means {MEANINGS.get(code)}, not {meaning}")
    for item in root.iter("ParticipantObjectIdentification"):
        inner = [child.tag for child in item]
        check(inner[0] == "ParticipantObjectIDTypeCode", f"an object begins with {inner[0]}")
        check(inner[1] in ("ParticipantObjectName", "ParticipantObjectQuery"), f"an object goes on with {inner[1]}")
    return root.find("EventIdentification/EventID").attrib["csd-code"]


def receive(folder, port, received):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/certificate.pem", f"{folder}/key.pem")
    with socket.create_server(("127.0.0.1", port)) as listener:
        with context.wrap_socket(listener, server_side=True) as secure:
            stream = secure.accept()[0].makefile("rb")
            while True:
                digits = b""
                while not digits.endswith(b" "):
                    byte = stream.read(1)
                    if not byte:
                        return
                    digits += byte
                received.append(stream.read(int(digits)).decode())


def certificate(folder):
    # An authority that is its own and only server.
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
               "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext",
               "basicConstraints=critical,CA:FALSE", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()

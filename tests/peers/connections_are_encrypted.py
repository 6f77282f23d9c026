"""DCMTK sends over TLS with certificates of openssl; whoever shows none, a foreign or an old one is not let in."""
import http.client
import os
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pydicom

from peer import DXA, ROOT, check, finish, free_port, wait_for_port
from peer.certificates import authority, issue

SCAN = ROOT / "test-scans/01-ge-idxa-ap-spine.dcm"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority(folder, "hospital")
        authority(folder, "stranger")
        issue(folder, "hospital", "localhost")
        issue(folder, "hospital", "scanner")
        issue(folder, "hospital", "retired", "2021-01-01 00:00:00")
        issue(folder, "stranger", "intruder")
        web, dicom = free_port(), free_port()
        settings = {
            "DXA_STORE__DATA": str(folder / "store"),
            "DXA_STORE__RESERVE_BYTES": "0",
            "DXA_HTTP__LISTEN": f"127.0.0.1:{web}",
            "DXA_HTTP__TLS__CERTIFICATE": str(folder / "localhost.pem"),
            "DXA_HTTP__TLS__KEY": str(folder / "localhost.key"),
            "DXA_DIMSE__LISTEN": f"127.0.0.1:{dicom}",
            "DXA_DIMSE__TLS__CERTIFICATE": str(folder / "localhost.pem"),
            "DXA_DIMSE__TLS__KEY": str(folder / "localhost.key"),
            "DXA_DIMSE__TLS__CLIENT_CA": str(folder / "hospital.pem"),
            "DXA_STUDY__QUIET_SECONDS": "0.2",
        }
        service = subprocess.Popen([DXA, "serve"], env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
        try:
            wait_for_port(dicom, service)
            wait_for_port(web, service)
            senders(folder, dicom)
            browser(folder, web)
        finally:
            service.terminate()
            service.wait(20)
        alerts = subprocess.run([DXA, "audit", "verify"], env={**os.environ, **settings}, capture_output=True, check=False)
        check(alerts.returncode == 0, f"the audit trail does not hold: {alerts.stderr[-200:]!r}")
    finish("properties of encrypted connections")


def senders(folder, port):
    def send(*security):
        return subprocess.run(["storescu", *map(str, security), "-aec", "DXA", "127.0.0.1", str(port), str(SCAN)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60).returncode

    def shown(name):
        return ["+tls", folder / f"{name}.key", folder / f"{name}.pem", "+cf", folder / "hospital.pem"]

    check(send(*shown("scanner")) == 0, "storescu over TLS fails")
    check(send() != 0, "a sender without TLS is let in")
    check(send("+tla", "+cf", folder / "hospital.pem") != 0, "a sender without a certificate is let in")
    check(send(*shown("intruder")) != 0, "a certificate of another authority is let in")
    check(send(*shown("retired")) != 0, "a certificate that has ended is let in")


def browser(folder, port):
    trusting = ssl.create_default_context(cafile=folder / "hospital.pem")
    uid = pydicom.dcmread(SCAN, stop_before_pixels=True).StudyInstanceUID

    def get(context, path):
        try:
            with urllib.request.urlopen(f"https://localhost:{port}{path}", timeout=20, context=context) as answer:
                return answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            return error.read(), error.headers
        except OSError:
            return None, {}

    listed, headers = get(trusting, "/dicom-web/studies")
    check(listed is not None and str(uid).encode() in listed, "what came over TLS is not found over HTTPS")
    check("max-age" in headers.get("Strict-Transport-Security", ""), "browsers are not told to stay with HTTPS")
    foreign = ssl.create_default_context(cafile=folder / "stranger.pem")
    check(get(foreign, "/healthz")[0] is None, "the certificate is of another authority")
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=5):
            check(False, "plain HTTP is answered")
    except (OSError, http.client.HTTPException):
        check(True, "")
    old = ssl.create_default_context(cafile=folder / "hospital.pem")
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.minimum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    check(get(old, "/healthz")[0] is None, "TLS 1.1 is answered")


if __name__ == "__main__":
    main()

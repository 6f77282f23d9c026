"""`dxa batch` gives the same numbers from a folder, a bucket (moto), and a DICOMweb service that dicomweb-client filled."""
import csv
import http.server
import logging
import os
import subprocess
import tempfile
import threading
import urllib.request
from pathlib import Path

import boto3
import pydicom
from dicomweb_client.api import DICOMwebClient
from moto.server import ThreadedMotoServer

from peer import DXA, ROOT, check, finish, free_port, wait_for

SCANS = ["07-hologic-spine.dcm", "12-bmd-map-dx.dcm", "09-sr-enhanced-hologic.dcm", "15-name-gb18030.dcm", "14-ultrasound-bdus.dcm"]
# `input_sha256` in `studies` is of the files as they lie; a service may write them anew.
TABLES = ["scans", "regions", "scores", "quality", "findings", "refusals"]


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source"
        source.mkdir()
        for scan in SCANS:
            (source / scan).write_bytes((ROOT / "test-scans" / scan).read_bytes())
        (source / "notes.doc").write_text("no DICOM")
        batch(source, folder / "of-folder")
        check_bucket(source, folder)
        check_service(source, folder)
    finish("properties of batches from archives")


def batch(source, out, *options, expected=0, **environment):
    command = [DXA, "batch", str(source), "--out", str(out), "--formats", "csv", *options]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    check(done.returncode == expected, f"{source}: exit code {done.returncode}: {done.stderr}")


def same(folder, name, tables):
    for table in tables:
        own, other = (Path(folder / run / f"{table}.csv").read_bytes() for run in ("of-folder", name))
        check(own == other, f"{name}: {table} differs")
        check(own.count(b"\n") > 1, f"{table} is empty")


def check_bucket(source, folder):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    try:
        keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
        endpoint = f"http://127.0.0.1:{port}"
        s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret")
        s3.create_bucket(Bucket="scans")
        for path in source.iterdir():
            s3.put_object(Bucket="scans", Key=f"2024/王 小/{path.name}", Body=path.read_bytes())
        environment = {**keys, "AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true"}
        batch("s3://scans/2024", folder / "of-bucket", **environment)
        same(folder, "of-bucket", [*TABLES, "studies"])
        errors = (folder / "of-bucket" / "errors.csv").read_text()
        check("notes.doc" in errors and "not a DICOM file" in errors, f"errors of the bucket: {errors}")
    finally:
        server.stop()
    batch("s3://scans/2024", folder / "of-nothing", expected=3, **environment)


def check_service(source, folder):
    port = free_port()
    settings = {
        "DXA_STORE__DATA": str(folder / "store"),
        "DXA_STORE__RESERVE_BYTES": "0",
        "DXA_HTTP__LISTEN": f"127.0.0.1:{port}",
        "DXA_DIMSE__LISTEN": f"127.0.0.1:{free_port()}",
    }
    service = subprocess.Popen([DXA, "serve"], env={**os.environ, **settings})
    address = f"http://127.0.0.1:{port}/dicom-web"
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", service)
        DICOMwebClient(address).store_instances([pydicom.dcmread(source / scan) for scan in SCANS])
        batch(address, folder / "of-service")
        same(folder, "of-service", TABLES)
        batch(f"{address}/studies?PatientID=nobody", folder / "of-nobody", expected=1)
        check_interrupted(address, folder)
    finally:
        service.terminate()
        service.wait(20)
    batch(address, folder / "of-no-service", expected=3)


class Interrupted(http.server.BaseHTTPRequestHandler):
    """Passes requests on to a service; of the object that its server names, half comes and the connection breaks."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        request = urllib.request.Request(self.server.service + self.path, headers={"Accept": self.headers["Accept"]})
        with urllib.request.urlopen(request) as answer:
            status, kind, body = answer.status, answer.headers["Content-Type"], answer.read()
        breaks = self.path.endswith(self.server.breaks)
        self.send_response(status)
        self.send_header("Content-Type", kind or "")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if breaks else body)
        self.close_connection = breaks

    def log_message(self, *_):
        pass


def check_interrupted(address, folder):
    """An object that breaks off is a row in `errors`, the others are done; with the network back, `--resume` has all."""
    base, path = address.rsplit("/", 1)
    instance = pydicom.dcmread(folder / "source" / SCANS[1], stop_before_pixels=True).SOPInstanceUID
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Interrupted)
    server.service, server.breaks = base, f"/instances/{instance}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        source, out = f"http://127.0.0.1:{server.server_address[1]}/{path}", folder / "of-interrupted"
        batch(source, out)
        errors = rows(out, "errors")
        found = [row["code"] for row in errors if row["path"].endswith(server.breaks)]
        check(found == ["unreadable"] and len(errors) == 1, f"errors while the network breaks: {errors}")
        check(len(rows(out, "studies")) == len(rows(folder / "of-service", "studies")) - 1, "studies while the network breaks")
        server.breaks = "/nothing breaks"
        batch(source, out, "--resume")
        check(rows(out, "errors") == [], "errors with the network back")
        same(folder, "of-interrupted", TABLES)
    finally:
        server.shutdown()
        server.server_close()


def rows(out, table):
    with open(out / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()

"""DCMTK and pynetdicom send to the service, which keeps what they sent, analyzes it, commits to it, and stops in time."""
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from copy import deepcopy
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

from peer import DXA, ROOT, check, finish, free_port, wait_for, wait_for_port

SCANS = ROOT / "test-scans"


def main():
    with tempfile.TemporaryDirectory() as folder:
        web, dicom = free_port(), free_port()
        settings = {
            "DXA_STORE__DATA": folder,
            "DXA_STORE__RESERVE_BYTES": "0",
            "DXA_HTTP__LISTEN": f"127.0.0.1:{web}",
            "DXA_DIMSE__LISTEN": f"127.0.0.1:{dicom}",
            "DXA_STUDY__QUIET_SECONDS": "0.5",
            "RUST_LOG": "info",
        }
        with open(Path(folder) / "log", "wb") as log:
            service = subprocess.Popen([DXA, "serve"], env={**os.environ, **settings}, stderr=log)
            try:
                wait_for_port(dicom, service)
                wait_for(f"http://127.0.0.1:{web}/readyz", service)
                dcmtk(dicom)
                sent = pynetdicom(dicom)
                results(web, sent)
            finally:
                begun = time.monotonic()
                service.send_signal(signal.SIGTERM)
                code = service.wait(20)
        check(code == 0, f"the service ended with {code}")
        check(time.monotonic() - begun < 5, "the service took longer than 5 s to stop")
        said = (Path(folder) / "log").read_text(errors="replace")
        for name in names():
            check(name not in said, "the log names a patient")
    finish("properties of a service that DCMTK and pynetdicom send to")


def dcmtk(port):
    """The command line tools of DCMTK, with and without compression."""
    address = ["127.0.0.1", str(port)]
    check(run("echoscu", "-aec", "DXA", *address) == 0, "echoscu fails")
    check(run("echoscu", "-aec", "OTHER", *address) != 0, "another AE title is let in")
    check(run("storescu", "-aec", "DXA", *address, SCANS / "01-ge-idxa-ap-spine.dcm") == 0, "storescu fails")
    check(run("storescu", "-aec", "DXA", *address, SCANS / "01-ge-idxa-ap-spine.dcm") == 0, "storescu fails twice")
    for option, name in [("-xs", "18-jpeg-lossless.dcm"), ("-xv", "18-jpeg-2000.dcm"), ("-xr", "18-rle.dcm")]:
        check(run("storescu", "-aec", "DXA", option, *address, SCANS / name) == 0, f"storescu {option} fails")
    many = [SCANS / name for name in ("07-hologic-spine.dcm", "12-bmd-map-dx.dcm", "09-sr-enhanced-hologic.dcm")]
    check(run("dcmsend", "-aec", "DXA", *address, *many) == 0, "dcmsend fails")


def pynetdicom(port):
    """One association with everything that can be read, then a request for commitment to all of it."""
    files = [SCANS / name for name in (
        "02-ge-idxa-left-femur.dcm", "13-dual-energy-high.dcm", "13-dual-energy-low.dcm", "15-name-gb18030.dcm",
        "10-pdf-spine.dcm", "14-ultrasound-bdus.dcm")]
    objects = [pydicom.dcmread(file) for file in files]
    reports = []
    ae = AE("SCANNER")
    for data in objects:
        ae.add_requested_context(data.SOPClassUID, [data.file_meta.TransferSyntaxUID])
    ae.add_requested_context(StorageCommitmentPushModel, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
    handlers = [(evt.EVT_N_EVENT_REPORT, lambda event: (reports.append(event), (0x0000, None))[1])]
    association = ae.associate("127.0.0.1", port, ae_title="DXA", evt_handlers=handlers)
    check(association.is_established, "pynetdicom gets no association")
    for data in objects:
        check(association.send_c_store(data).Status == 0x0000, "a C-STORE of pynetdicom fails")
    changed = deepcopy(objects[0])
    changed.AccessionNumber = "ANOTHER"
    check(association.send_c_store(changed).Status == 0xC001, "other content under the same UID is not refused")
    request = Dataset()
    request.TransactionUID = pydicom.uid.generate_uid()
    request.ReferencedSOPSequence = [referenced(data) for data in objects]
    status, _ = association.send_n_action(
        request, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance)
    check(status.Status == 0x0000, "the request for commitment fails")
    until(lambda: reports, 5)
    check(len(reports) == 1, "no report of commitment comes")
    if reports:
        told = reports[0].event_information
        check(reports[0].event_type == 1, "the report says that something is missing")
        check(told.TransactionUID == request.TransactionUID, "the report is about another request")
        check({item.ReferencedSOPInstanceUID for item in told.ReferencedSOPSequence}
              == {data.SOPInstanceUID for data in objects}, "the report is about other objects")
    association.release()
    return objects


def referenced(data):
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = data.SOPClassUID, data.SOPInstanceUID
    return item


def results(port, objects):
    """Each study that was sent has a result, and every object comes back as it was sent."""
    base = f"http://127.0.0.1:{port}"
    for uid in {data.StudyInstanceUID for data in objects}:
        until(lambda: get(f"{base}/api/v1/studies/{uid}") is not None, 30)
        result = get(f"{base}/api/v1/studies/{uid}")
        check(result is not None, "a study that was sent has no result")
        if result:
            document = json.loads(result)
            study = document["studies"][0] if "studies" in document else document
            check(study["study"]["instance_uid"] == uid, "a result is about another study")
    for data in objects:
        url = (f"{base}/dicom-web/studies/{data.StudyInstanceUID}/series/{data.SeriesInstanceUID}"
               f"/instances/{data.SOPInstanceUID}")
        back = get(url, 'multipart/related; type="application/dicom"; transfer-syntax=*')
        check(back is not None, "an object that was sent cannot be retrieved")
        if back:
            start = back.index(b"\r\n\r\n") + 4
            read = pydicom.dcmread(pydicom.filebase.DicomBytesIO(back[start:back.rindex(b"\r\n--")]))
            check(read == data, "an object does not come back as it was sent")


def names():
    found = set()
    for file in SCANS.glob("*.dcm"):
        try:
            data = pydicom.dcmread(file, stop_before_pixels=True)
        except Exception:
            continue
        for value in (str(data.get("PatientName", "")), str(data.get("PatientID", ""))):
            if len(value) > 5:
                found.add(value)
    return found


def get(url, accept="application/json"):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=10) as answer:
            return answer.read() if answer.status == 200 else None
    except OSError:
        return None


def until(condition, seconds):
    begun = time.monotonic()
    while not condition() and time.monotonic() - begun < seconds:
        time.sleep(0.05)


def run(*command):
    return subprocess.run([str(part) for part in command], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=60).returncode


main()

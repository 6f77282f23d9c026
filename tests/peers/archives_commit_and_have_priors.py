"""Archives commit to what they were sent (pynetdicom, Orthanc), and give earlier studies of the same patient
(Orthanc over C-FIND and C-MOVE, a DICOMweb server over QIDO and WADO)."""
import json
import os
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    ComprehensiveSRStorage, StorageCommitmentPushModel, StorageCommitmentPushModelInstance)

from peer import DXA, ROOT, check, finish, free_port, wait, wait_for, wait_for_port
from peer.orthanc import Orthanc

SCAN = ROOT / "test-scans/07-hologic-spine.dcm"


class Archive:
    """Stores, and commits as its script says: `lost` says that the objects are not there, `here` reports on the
    association of the request, `later` on one of its own, `stranger` under another AE title."""

    def __init__(self, title, script, dxa_port):
        self.title, self.script, self.dxa_port, self.stored, self.statuses = title, list(script), dxa_port, {}, []
        self.port = free_port()
        entity = AE(title)
        entity.add_supported_context(ComprehensiveSRStorage)
        entity.add_supported_context(StorageCommitmentPushModel)
        handlers = [(evt.EVT_C_STORE, self.store), (evt.EVT_N_ACTION, self.commit)]
        entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)

    def store(self, event):
        uid = str(event.request.AffectedSOPInstanceUID)
        self.stored[uid] = self.stored.get(uid, 0) + 1
        return 0x0000

    def commit(self, event):
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        asked = event.action_information
        report = Dataset()
        report.TransactionUID = asked.TransactionUID
        items = list(asked.ReferencedSOPSequence)
        if step == "lost":
            for item in items:
                item.FailureReason = 0x0112
            report.FailedSOPSequence = items
        else:
            report.ReferencedSOPSequence = items
        kind = 2 if step == "lost" else 1
        if step == "here":
            threading.Timer(0.3, lambda: self.report(event.assoc, report, kind)).start()
        else:
            threading.Timer(0.5, lambda: self.call(step, report, kind)).start()
        return 0x0000, None

    def report(self, association, report, kind):
        status, _ = association.send_n_event_report(
            report, kind, StorageCommitmentPushModel, StorageCommitmentPushModelInstance)
        self.statuses.append(status.get("Status"))

    def call(self, step, report, kind):
        entity = AE("STRANGER" if step == "stranger" else self.title)
        entity.add_requested_context(StorageCommitmentPushModel)
        roles = [build_role(StorageCommitmentPushModel, scp_role=True)]
        association = entity.associate("127.0.0.1", self.dxa_port, ae_title="DXA", ext_neg=roles)
        if not association.is_established:
            self.statuses.append("no association")
            return
        self.report(association, report, kind)
        association.release()


class Service:
    """`dxa serve` with a configuration."""

    def __init__(self, folder, name, more, dicom=None):
        self.web, self.dicom = free_port(), dicom or free_port()
        config = folder / f"{name}.toml"
        config.write_text(f"""[store]
data = "{folder}/{name}"
reserve_bytes = 0
[http]
listen = "127.0.0.1:{self.web}"
[dimse]
listen = "127.0.0.1:{self.dicom}"
[study]
quiet_seconds = 0.3
{more}""")
        self.process = subprocess.Popen([DXA, "serve", "--config", config], stderr=subprocess.DEVNULL)
        wait_for_port(self.dicom, self.process)
        wait_for(f"http://127.0.0.1:{self.web}/readyz", self.process)

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", timeout=20) as answer:
            return json.load(answer)

    def send(self, *files):
        run = ["storescu", "-aec", "DXA", "127.0.0.1", str(self.dicom), *map(str, files)]
        sent = subprocess.run(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                              env={**os.environ, "TCP_NODELAY": "1"})
        check(sent.returncode == 0, "storescu fails")

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def main():
    with tempfile.TemporaryDirectory() as folder:
        commitment(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        priors(Path(folder))
    finish("properties of commitment and of earlier studies")


def commitment(folder):
    port = free_port()
    archives = {
        "later": Archive("LATER", ["lost", "later"], port),
        "here": Archive("HERE", ["here"], port),
        "fooled": Archive("FOOLED", ["stranger"], port),
    }
    orthanc = Orthanc(folder, port)
    rows = [(name, archive.title, archive.port) for name, archive in archives.items()]
    rows.append(("orthanc", "ORTHANC", orthanc.dicom))
    destinations = ",\n".join(
        f'{{ name = "{name}", ae_title = "{title}", address = "127.0.0.1:{at}", send = ["sr"], commitment = true }}'
        for name, title, at in rows)
    service = Service(folder, "sending", f"[deliver]\nretry_first_seconds = 0.2\ndicom = [\n{destinations}\n]\n", port)
    try:
        service.send(SCAN)
        study = pydicom.dcmread(SCAN, stop_before_pixels=True).StudyInstanceUID

        def ledger():
            return {row["destination"]: row for row in service.ask(f"/api/v1/deliveries?study={study}")["deliveries"]}

        def committed():
            rows = ledger()
            return all(rows.get(name, {}).get("committed_at") for name in ("later", "here", "orthanc")) and rows

        rows = wait(committed, 60, "not every archive committed") or ledger()
        for name in ("later", "here", "orthanc"):
            check(rows.get(name, {}).get("committed_at"), f"{name}: {rows.get(name)}")
        check(set(archives["later"].stored.values()) == {2}, "what the archive lost was not sent again")
        check(rows.get("later", {}).get("attempts") == 2, f"{rows.get('later')}")
        wait(lambda: archives["fooled"].statuses, 20, "the stranger was not answered")
        check(archives["fooled"].statuses[0] != 0x0000, "a stranger's report is taken")
        check(ledger()["fooled"]["committed_at"] is None, "a stranger committed for an archive")
        check(archives["later"].statuses == [0, 0], f"the reports were answered with {archives['later'].statuses}")
        check(archives["here"].statuses == [0], f"the report was answered with {archives['here'].statuses}")
    finally:
        service.end()
        orthanc.end()


def priors(folder):
    now = pydicom.dcmread(SCAN)
    day = str(int(now.StudyDate) - 10000)
    written = {}

    def write(name, **changes):
        data = pydicom.dcmread(SCAN)
        data.StudyInstanceUID, data.SeriesInstanceUID, data.SOPInstanceUID = (generate_uid() for _ in range(3))
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        data.StudyDate = day
        for key, value in changes.items():
            setattr(data, key, value)
        written[name] = str(data.StudyInstanceUID)
        path = folder / f"{name}.dcm"
        data.save_as(path)
        return path

    before = write("before")
    others = [write("namesake", PatientID="SOMEBODY-ELSE"), write("born", PatientBirthDate="19010101"),
              write("sex", PatientSex="M" if now.PatientSex == "F" else "F"), write("after", StudyDate="20991231"),
              write("chest", Modality="CT")]
    port = free_port()
    orthanc = Orthanc(folder, port)
    for path in (before, *others):
        orthanc.ask("/instances", path.read_bytes())
    web = Service(folder, "web", "")
    web.send(before, *others)
    for name, archive, at in (
        ("moved", f'dicom = [{{ name = "old", ae_title = "ORTHANC", address = "127.0.0.1:{orthanc.dicom}" }}]', port),
        ("walked", f'web = [{{ name = "old", url = "http://127.0.0.1:{web.web}/dicom-web" }}]', None),
    ):
        modalities = json.dumps([str(now.Modality)])
        deliver = '[deliver]\ndicom = [{ name = "pacs", ae_title = "X", address = "127.0.0.1:1" }]\n'
        service = Service(folder, name, f"{deliver}[priors]\nmodalities = {modalities}\n{archive}\n", at)
        try:
            service.send(SCAN)
            study = str(now.StudyInstanceUID)

            def compared():
                result = service.ask(f"/api/v1/studies/{study}")["studies"][0]
                return result if result["comparisons"] else None

            result = wait(compared, 60, f"{name}: the study is not compared with the one before")
            listed = {row["instance_uid"] for row in service.ask("/api/v1/studies")["studies"]}
            check(listed == {study, written["before"]}, f"{name}: other studies were fetched: {listed}")
            if result:
                prior = result["comparisons"][0]["prior"]["study_instance_uid"]
                check(prior == written["before"], f"{name}: compared with {prior}")
                check(result["report"]["reason"] == "earlier_study", f"{name}: {result['report']}")
            sent = {row["study"] for row in service.ask("/api/v1/deliveries")["deliveries"]}
            check(sent == {study}, f"{name}: results of {sent} are sent")
            time.sleep(1)
            check(service.ask(f"/api/v1/studies/{study}")["studies"][0]["report"]["version"] == 2,
                  f"{name}: it is analyzed more than once more")
        finally:
            service.end()
    web.end()
    orthanc.end()


if __name__ == "__main__":
    main()

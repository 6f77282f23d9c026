"""Many connections, many senders and an end in the middle of both: nothing that was acknowledged is lost, nothing leaks.

DXA_ENDURE set to anything runs the long form: 10,000 connections, and 64 associations for a minute.
"""
import os
import re
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.request
from copy import deepcopy
from pathlib import Path

import pydicom
from pydicom.uid import generate_uid
from pynetdicom import AE, _config

from peer import DXA, ROOT, check, finish, free_port, wait_for, wait_for_port

LONG = bool(os.environ.get("DXA_ENDURE"))
CONNECTIONS = 10_000 if LONG else 600
SECONDS = 60 if LONG else 4
ASSOCIATIONS = 64 if LONG else 24
SCAN = ROOT / "test-scans/07-hologic-spine.dcm"
# A received object needs no look at its values here.
_config.LOG_HANDLER_LEVEL = "none"


class Service:
    """`dxa serve` on a folder, with everything else as it comes."""

    def __init__(self, folder):
        self.web, self.dicom = free_port(), free_port()
        settings = {
            "DXA_STORE__DATA": folder,
            "DXA_STORE__RESERVE_BYTES": "0",
            "DXA_HTTP__LISTEN": f"127.0.0.1:{self.web}",
            "DXA_DIMSE__LISTEN": f"127.0.0.1:{self.dicom}",
            "DXA_DIMSE__ASSOCIATIONS": str(ASSOCIATIONS),
            "DXA_STUDY__QUIET_SECONDS": "3600",
            "RUST_LOG": "error",
        }
        self.process = subprocess.Popen([DXA, "serve"], env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
        wait_for_port(self.dicom, self.process)
        wait_for(f"http://127.0.0.1:{self.web}/readyz", self.process)

    def kept(self, study):
        """SOP Instance UIDs that the service has of a study."""
        found, offset = set(), 0
        while True:
            url = f"http://127.0.0.1:{self.web}/dicom-web/studies/{study}/instances?limit=1000&offset={offset}"
            with urllib.request.urlopen(url, timeout=60) as answer:
                page = re.findall(rb'"00080018":\{"vr":"UI","Value":\["([0-9.]+)"\]', answer.read())
            found.update(uid.decode() for uid in page)
            if len(page) < 1000:
                return found
            offset += 1000

    def memory_kb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def end(self):
        """Seconds until the service has ended, after SIGTERM, and its exit code."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        return time.monotonic() - begun, code


def main():
    with tempfile.TemporaryDirectory() as folder:
        connections(folder)
    with tempfile.TemporaryDirectory() as folder:
        many_senders(folder)
    with tempfile.TemporaryDirectory() as folder:
        ended_under_load(folder)
    finish("properties of a service under load")


def item(kind, body):
    return struct.pack(">BBH", kind, 0, len(body)) + body


def pdu(kind, body):
    return struct.pack(">BBI", kind, 0, len(body)) + body


def echo_pdus():
    """A request for an association, C-ECHO, and a request for release, written by hand."""
    context = item(0x20, b"\1\0\0\0" + item(0x30, b"1.2.840.10008.1.1") + item(0x40, b"1.2.840.10008.1.2"))
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3.4"))
    head = b"\0\1\0\0" + b"DXA".ljust(16) + b"PROBE".ljust(16) + bytes(32)
    associate = pdu(1, head + item(0x10, b"1.2.840.10008.3.1.1.1") + context + user)

    def element(number, value):
        return struct.pack("<HHI", 0, number, len(value)) + value

    command = (element(2, b"1.2.840.10008.1.1\0") + element(0x100, b"\x30\0") + element(0x110, b"\1\0")
               + element(0x800, b"\1\1"))
    command = element(0, struct.pack("<I", len(command))) + command
    return associate, pdu(4, struct.pack(">IBB", len(command) + 2, 1, 3) + command), pdu(5, bytes(4))


def connections(folder):
    """Connect, echo, release, again and again; every other one breaks off in the middle of a PDU."""
    service = Service(folder)
    associate, echo, release = echo_pdus()

    def once(breaks):
        with socket.create_connection(("127.0.0.1", service.dicom)) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer.sendall(associate)
            if peer.recv(4096)[:1] != b"\2":
                return False
            if breaks:
                peer.sendall(echo[: len(echo) // 2])
                return True
            peer.sendall(echo)
            answered = peer.recv(4096)[:1] == b"\4"
            peer.sendall(release)
            return answered and peer.recv(4096)[:1] == b"\6"

    def rest(condition):
        until = time.monotonic() + 20
        while not condition() and time.monotonic() < until:
            time.sleep(0.1)
        return condition()

    # What is taken once, for the first connections, is no leak.
    check(all(once(number % 2) for number in range(200)), "a connection fails")
    time.sleep(1)
    files, memory = service.files(), service.memory_kb()
    check(all(once(number % 2) for number in range(CONNECTIONS)), "a connection fails later")
    check(rest(lambda: service.files() <= files), f"{service.files()} files are open, before {files}")
    check(rest(lambda: service.memory_kb() < memory + 2048), f"{service.memory_kb()} KB, before {memory} KB")
    service.end()


class Sender(threading.Thread):
    """An association that sends objects of one study until told to stop, and notes what was acknowledged."""

    def __init__(self, port, number):
        super().__init__(daemon=True)
        self.port, self.number, self.acknowledged, self.stop = port, number, [], threading.Event()
        self.refused = self.broken = False
        self.data = deepcopy(pydicom.dcmread(SCAN))
        self.data.StudyInstanceUID, self.data.SeriesInstanceUID = generate_uid(), generate_uid()

    def run(self):
        ae = AE(f"SENDER{self.number}")
        ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 20
        ae.add_requested_context(self.data.SOPClassUID, [self.data.file_meta.TransferSyntaxUID])
        association = ae.associate("127.0.0.1", self.port, ae_title="DXA")
        if not association.is_established:
            self.refused = True
            return
        while not self.stop.is_set():
            self.data.SOPInstanceUID = self.data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
            try:
                status = association.send_c_store(self.data)
            except (RuntimeError, ValueError):
                self.broken = True
                return
            if getattr(status, "Status", None) == 0:
                self.acknowledged.append(str(self.data.SOPInstanceUID))
            elif "Status" not in status:
                self.broken = True
                return
        association.release()


def many_senders(folder):
    """As many associations as there may be, and some more, all sending what they can."""
    service = Service(folder)
    senders = [Sender(service.dicom, number) for number in range(ASSOCIATIONS + 4)]
    for sender in senders:
        sender.start()
    time.sleep(SECONDS)
    for sender in senders:
        sender.stop.set()
    for sender in senders:
        sender.join(60)
        check(not sender.is_alive(), "a sender hangs")
    refused = sum(sender.refused for sender in senders)
    check(refused == 4, f"{refused} associations beyond the limit were refused instead of 4")
    check(not any(sender.broken for sender in senders), "an association broke")
    sent = sum(len(sender.acknowledged) for sender in senders)
    check(sent > ASSOCIATIONS, f"only {sent} objects were acknowledged")
    for sender in senders:
        missing = set(sender.acknowledged) - service.kept(str(sender.data.StudyInstanceUID))
        check(not missing, f"{len(missing)} acknowledged objects are missing")
    service.end()


def ended_under_load(folder):
    """SIGTERM while objects come: it ends in time, and what it acknowledged is there when it starts again."""
    service = Service(folder)
    senders = [Sender(service.dicom, number) for number in range(8)]
    for sender in senders:
        sender.start()
    time.sleep(2)
    seconds, code = service.end()
    check(code == 0, f"the service ended with {code}")
    check(seconds < 5, f"the service took {seconds:.1f} s to end")
    for sender in senders:
        sender.stop.set()
        sender.join(60)
    check(sum(len(sender.acknowledged) for sender in senders) > 8, "too few objects were acknowledged")
    again = Service(folder)
    for sender in senders:
        missing = set(sender.acknowledged) - again.kept(str(sender.data.StudyInstanceUID))
        check(not missing, f"{len(missing)} acknowledged objects are missing after the start")
    again.end()


if __name__ == "__main__":
    main()

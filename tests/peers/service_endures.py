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
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom.uid import ExplicitVRLittleEndian

from peer import DXA, ROOT, check, finish, free_port, wait_for, wait_for_port

LONG = bool(os.environ.get("DXA_ENDURE"))
CONNECTIONS = 10_000 if LONG else 600
SECONDS = 60 if LONG else 4
ASSOCIATIONS = 64 if LONG else 24
SCAN = ROOT / "test-scans/07-hologic-spine.dcm"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
ROOT_UID = "1.2.826.0.1.3680043.8.498."


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


def associate(title, abstract, transfer):
    """A request for an association with one presentation context."""
    context = item(0x20, b"\1\0\0\0" + item(0x30, abstract.encode()) + item(0x40, transfer.encode()))
    user = item(0x50, item(0x51, struct.pack(">I", 1 << 17)) + item(0x52, b"1.2.3.4"))
    head = b"\0\1\0\0" + b"DXA".ljust(16) + title.encode().ljust(16) + bytes(32)
    return pdu(1, head + item(0x10, b"1.2.840.10008.3.1.1.1") + context + user)


def command(*elements):
    """A command set as a P-DATA PDU."""
    body = b"".join(struct.pack("<HHI", 0, number, len(value)) + value for number, value in elements)
    body = struct.pack("<HHII", 0, 0, 4, len(body)) + body
    return pdu(4, struct.pack(">IBB", len(body) + 2, 1, 3) + body)


def data_set(body):
    """A data set as P-DATA PDUs."""
    pieces = [body[at:at + 65536] for at in range(0, len(body), 65536)]
    return b"".join(pdu(4, struct.pack(">IBB", len(piece) + 2, 1, 2 if piece is pieces[-1] else 0) + piece)
                    for piece in pieces)


ECHO = command((2, b"1.2.840.10008.1.1\0"), (0x100, b"\x30\0"), (0x110, b"\1\0"), (0x800, b"\1\1"))
RELEASE = pdu(5, bytes(4))


def connections(folder):
    """Connect, echo, release, again and again; every other one breaks off in the middle of a PDU."""
    service = Service(folder)
    request = associate("PROBE", "1.2.840.10008.1.1", "1.2.840.10008.1.2")

    def once(breaks):
        with socket.create_connection(("127.0.0.1", service.dicom)) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer.sendall(request)
            if peer.recv(4096)[:1] != b"\2":
                return False
            if breaks:
                peer.sendall(ECHO[: len(ECHO) // 2])
                return True
            peer.sendall(ECHO)
            answered = peer.recv(4096)[:1] == b"\4"
            peer.sendall(RELEASE)
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
    """An association that sends objects of one study until told to stop, and notes what was acknowledged.

    It is written by hand: pynetdicom sometimes takes an answer that comes at once for an unexpected message."""

    def __init__(self, port, number):
        super().__init__(daemon=True)
        self.port, self.number, self.acknowledged, self.stop = port, number, [], threading.Event()
        self.refused = self.broken = False
        self.study = f"{ROOT_UID}1{number:09d}.1"
        self.placeholder = f"{ROOT_UID}1{number:09d}.2.1{0:09d}"
        data = pydicom.dcmread(SCAN)
        data.StudyInstanceUID, data.SOPInstanceUID, data.SOPClassUID = self.study, self.placeholder, CAPTURE
        data.file_meta.MediaStorageSOPInstanceUID, data.file_meta.TransferSyntaxUID = self.placeholder, ExplicitVRLittleEndian
        file = BytesIO()
        data.save_as(file)
        file = file.getvalue()
        self.body = file[144 + struct.unpack("<I", file[140:144])[0]:]

    def run(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer.sendall(associate(f"SENDER{self.number}", CAPTURE, ExplicitVRLittleEndian))
            self.refused = receive(peer)[:1] == b"\3"
            try:
                while not self.refused and not self.stop.is_set():
                    self.send(peer, f"{ROOT_UID}1{self.number:09d}.2.1{len(self.acknowledged) + 1:09d}")
            except OSError:
                self.broken = True
                return
            if not self.refused:
                peer.sendall(RELEASE)
                receive(peer)

    def send(self, peer, uid):
        padded = uid.encode() + b"\0" * (len(uid) % 2)
        request = command((2, CAPTURE.encode() + b"\0" * (len(CAPTURE) % 2)), (0x100, b"\1\0"), (0x110, b"\1\0"),
                          (0x700, b"\0\0"), (0x800, b"\1\0"), (0x1000, padded))
        peer.sendall(request + data_set(self.body.replace(self.placeholder.encode(), uid.encode())))
        answer = receive(peer)
        # Status is the last element that every answer of success has, before the instance.
        if b"\0\0\0\x09\2\0\0\0\0\0" not in answer:
            raise OSError("not acknowledged")
        self.acknowledged.append(uid)


def receive(peer):
    """One PDU."""
    data = b""
    while len(data) < 6 or len(data) < 6 + struct.unpack(">I", data[2:6])[0]:
        more = peer.recv(65536)
        if not more:
            raise OSError("the service closed the connection")
        data += more
    return data


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
        missing = set(sender.acknowledged) - service.kept(sender.study)
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
        missing = set(sender.acknowledged) - again.kept(sender.study)
        check(not missing, f"{len(missing)} acknowledged objects are missing after the start")
    again.end()


if __name__ == "__main__":
    main()

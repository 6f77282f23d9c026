"""Orthanc, an archive of other people."""
import json
import shutil
import subprocess
import urllib.request

from peer import free_port, wait


class Orthanc:
    """An archive in a folder of its own that knows the service as `dxa`."""

    def __init__(self, folder, dxa_port, aet="ORTHANC"):
        self.http, self.dicom, self.aet = free_port(), free_port(), aet
        store = str(folder / f"store-{aet}")
        settings = {
            "Name": "orthanc", "StorageDirectory": store, "IndexDirectory": store,
            "HttpPort": self.http, "DicomPort": self.dicom, "DicomAet": aet, "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False, "DicomAlwaysAllowStore": True, "DicomAlwaysAllowFind": True,
            "DicomAlwaysAllowMove": True, "Plugins": [], "DicomModalities": {"dxa": ["DXA", "127.0.0.1", dxa_port]},
        }
        path = folder / f"{aet}.json"
        path.write_text(json.dumps(settings))
        program = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
        self.process = subprocess.Popen([program, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(lambda: self.ask("/system"), 60, "Orthanc does not start")

    def ask(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data=body)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def end(self):
        self.process.terminate()
        self.process.wait(20)

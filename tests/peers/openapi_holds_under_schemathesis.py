"""schemathesis makes requests of all kinds from our own description: none is answered with a server error."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from peer import DXA, free_port, wait_for


# What the service cannot do on purpose: it says 503 while too many send, and 501 for parts that were not built.
CHECKS = "not_a_server_error"


def main():
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        settings = {
            "DXA_STORE__DATA": folder,
            "DXA_STORE__RESERVE_BYTES": "0",
            "DXA_HTTP__LISTEN": f"127.0.0.1:{port}",
            "DXA_DIMSE__LISTEN": f"127.0.0.1:{free_port()}",
        }
        service = subprocess.Popen([DXA, "serve"], env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", service)
            tool = Path(sys.executable).parent / "schemathesis"
            command = [tool, "run", f"http://127.0.0.1:{port}/api/openapi.json", "--checks", CHECKS, "--max-examples",
                       "8", "--seed", "1", "--phases", "examples,coverage,fuzzing", "--no-color",
                       "--suppress-health-check", "all",
                       # It writes no multipart/related bodies; dicomweb_client_uses_the_service.py sends those.
                       "--exclude-operation-id", "store_instances", "--exclude-operation-id", "store_instances_of"]
            # Analyses that are asked for wait ten seconds for their study, which schemathesis does not have.
            run = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=folder, check=False)
            alive = service.poll() is None
        finally:
            service.terminate()
            service.wait(10)
    report = run.stdout + run.stderr
    cases = re.search(r"(\d+) generated", report) or re.search(r"Test cases:\s*\n?\s*(\d+)", report)
    if run.returncode != 0 or not alive:
        print(report[-6000:])
        print("error: schemathesis found an answer that a client cannot rely on" if alive else "error: the service ended")
    print(f"checked {cases.group(1) if cases else 0} requests made by schemathesis")
    sys.exit(0 if run.returncode == 0 and alive and cases else 1)


if __name__ == "__main__":
    main()

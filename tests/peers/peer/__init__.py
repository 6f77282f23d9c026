"""What every script here does: count what it checks, start next to the service, say at the end what disagrees."""
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DXA = os.environ.get("DXA", str(ROOT / "target/debug/dxa"))

_problems = []
_checked = 0


def check(holds, problem):
    """Counts one check, and keeps its problem unless it holds."""
    global _checked
    _checked += 1
    if not holds:
        _problems.append(problem)


def finish(what):
    """Prints every problem and how much of `what` was checked, and ends the script; to check nothing is a failure."""
    for problem in _problems:
        print(f"error: {problem}")
    print(f"checked {_checked} {what}")
    sys.exit(1 if _problems or not _checked else 0)


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end(service, seconds=20):
    """Asks a service to end; what does not end by itself is killed."""
    service.terminate()
    try:
        service.wait(seconds)
    except subprocess.TimeoutExpired:
        service.kill()


def wait_for(url, service):
    """Waits until an address answers; the script ends when the service does."""

    def answers():
        try:
            with urllib.request.urlopen(url, timeout=1):
                return True
        except OSError:
            return False

    _wait(answers, service)


def wait_for_port(port, service):
    """The same for a listener that does not speak HTTP."""

    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    _wait(listens, service)


def wait(condition, seconds, problem):
    """What a condition gives when it holds; a problem, and nothing, when it does not in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            found = condition()
            if found:
                return found
        except OSError:
            pass
        time.sleep(0.1)
    check(False, problem)
    return None


def _wait(condition, service):
    for _ in range(600):
        if service.poll() is not None:
            sys.exit(f"error: dxa serve ended with {service.returncode}")
        if condition():
            return
        time.sleep(0.05)
    sys.exit("error: dxa serve does not answer")

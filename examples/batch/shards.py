"""One part of a batch as a function, for engines that call functions on many machines.

Every machine must see the source and the folder of the run under the same paths, and have `dxa` on its PATH
(or its path in the environment variable DXA).
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path

DXA = os.environ.get("DXA", "dxa")


def arguments(about):
    """The command line that all jobs have."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("source")
    parser.add_argument("out", help="folder of the merged run; parts lie beside it")
    parser.add_argument("--parts", type=int, default=4)
    return parser.parse_args()


def part_folder(out, index):
    """Where a part has its own run."""
    return f"{Path(out)}.part-{index}"


def run_part(source, out, index, count):
    """Does one part, or goes on with it where it stopped; the same call on any machine does the same."""
    folder = part_folder(out, index)
    command = [DXA, "batch", source, "--out", folder, "--shard", f"{index}/{count}", "--resume", "--jobs", "1", "--formats", "csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"part {index}/{count}: {done.stderr.strip()}")
    return folder


def merge(out, folders):
    """Puts the parts together."""
    done = subprocess.run([DXA, "batch", "merge", *folders, "--out", out], check=False)
    sys.exit(done.returncode)

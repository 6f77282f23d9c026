"""Runs the jobs of Ray, Dask and Spark over one source and compares their tables with those of a local run.

`DXA=target/release/dxa python check.py SOURCE` needs the packages of requirements.txt, and Java for Spark.
Every table of every job must be the same to the byte; what is not is printed, and the exit status is 1.
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DXA = os.path.abspath(os.environ["DXA"]) if "DXA" in os.environ else "dxa"
JOBS = ["ray_job.py", "dask_job.py", "spark_job.py"]
PARTS = "3"


def main():
    source = os.path.abspath(sys.argv[1])
    environment = {**os.environ, "DXA": DXA, "PYTHONPATH": str(HERE)}
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder) / "local"
        subprocess.run([DXA, "batch", source, "--out", str(local)], check=True)
        wanted = published(local)
        for job in JOBS:
            out = Path(folder) / job
            command = [sys.executable, str(HERE / job), source, str(out), "--parts", PARTS]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            found = published(out) if done.returncode == 0 else {}
            differ = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
            print(f"{job}: {len(wanted) - len(differ)} of {len(wanted)} files the same", *differ, flush=True)
            if done.returncode != 0:
                print(done.stderr[-2000:], file=sys.stderr)
            wrong += bool(differ) or len(wanted) < 10
    sys.exit(1 if wrong else 0)


def published(run):
    """The files of a run that are for others."""
    return {path.name: path.read_bytes() for path in run.iterdir() if path.is_file() and not path.name.startswith(".")}


if __name__ == "__main__":
    main()

"""A batch under Ray: `python ray_job.py SOURCE OUT --parts 8`."""
import os

import ray

from shards import arguments, merge, run_part


def main():
    job = arguments(__doc__)
    ray.init(runtime_env={"working_dir": os.path.dirname(os.path.abspath(__file__))})
    # A part that fails is tried again, and goes on where it stopped.
    part = ray.remote(num_cpus=1, max_retries=2, retry_exceptions=True)(run_part)
    source, out = os.path.abspath(job.source), os.path.abspath(job.out)
    parts = [part.remote(source, out, index, job.parts) for index in range(1, job.parts + 1)]
    merge(out, ray.get(parts))


if __name__ == "__main__":
    main()

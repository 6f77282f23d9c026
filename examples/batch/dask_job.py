"""A batch under Dask: `python dask_job.py SOURCE OUT --parts 8`; DASK_SCHEDULER_ADDRESS names a cluster."""
import os

from dask.distributed import Client

from shards import arguments, merge, run_part


def main():
    job = arguments(__doc__)
    address = os.environ.get("DASK_SCHEDULER_ADDRESS")
    client = Client(address) if address else Client(n_workers=os.cpu_count(), threads_per_worker=1)
    with client:
        client.upload_file(os.path.join(os.path.dirname(os.path.abspath(__file__)), "shards.py"))
        source, out = os.path.abspath(job.source), os.path.abspath(job.out)
        call = lambda index: client.submit(run_part, source, out, index, job.parts, pure=False, retries=2)
        parts = [call(index) for index in range(1, job.parts + 1)]
        folders = client.gather(parts)
    merge(out, folders)


if __name__ == "__main__":
    main()

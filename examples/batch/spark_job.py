"""A batch under Spark: `spark-submit --py-files shards.py spark_job.py SOURCE OUT --parts 8`."""
import os

from pyspark.sql import SparkSession

from shards import arguments, merge, run_part


def main():
    job = arguments(__doc__)
    spark = SparkSession.builder.appName("dxa batch").getOrCreate()
    context = spark.sparkContext
    context.addPyFile(os.path.join(os.path.dirname(os.path.abspath(__file__)), "shards.py"))
    source, out, count = os.path.abspath(job.source), os.path.abspath(job.out), job.parts
    parts = context.parallelize(range(1, count + 1), count)
    folders = parts.map(lambda index: run_part(source, out, index, count)).collect()
    spark.stop()
    merge(out, folders)


if __name__ == "__main__":
    main()

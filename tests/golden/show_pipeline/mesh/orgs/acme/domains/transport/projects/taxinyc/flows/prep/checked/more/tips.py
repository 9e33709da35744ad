from pyspark import pipelines

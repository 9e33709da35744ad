"""What taxis earn.

`total_amount` is the revenue of one trip. A refund is a trip of its own with a negative amount; it stays in the sum,
so that the sum is what was earned in the end. Trips whose borough is not known are kept, as `Unknown`: their money
was earned too.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

TRIPS = "training.taxinyc_trips.yellow_taxi_trips_curated_sample"


def by_borough(trips: DataFrame, *columns: str) -> DataFrame:
    """What passengers paid, by the borough where they got in, and by these columns of a trip, in that order."""
    keys = ("pickup_borough", *columns)
    return (
        trips.withColumn("pickup_borough", F.coalesce("pickup_borough", F.lit("Unknown")))
        .groupBy(*keys)
        .agg(F.sum("total_amount").cast("decimal(18,2)").alias("amount"))
        .sort(*keys)
    )

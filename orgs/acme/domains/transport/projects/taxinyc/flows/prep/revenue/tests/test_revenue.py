"""What taxis earn: refunds, unknown boroughs, and boroughs without a trip."""

TRIPS = "training.taxinyc_trips.yellow_taxi_trips_curated_sample"


def test_refunds_are_subtracted_and_unknown_boroughs_kept(run_task, tables, assert_table):
    run_task("revenue_by_borough", reading={TRIPS: tables("trips.yml")})

    assert_table(
        "revenue_by_borough",
        [
            {"pickup_borough": "Bronx", "amount": 7.00},
            {"pickup_borough": "Queens", "amount": 9.25},
            {"pickup_borough": "Unknown", "amount": 3.00},
        ],
        key="pickup_borough",
    )


def test_a_borough_without_a_trip_earned_nothing(run_task, tables, assert_table):
    run_task("revenue_by_borough", reading={TRIPS: tables("trips.yml")})
    tables("borough_population.csv")

    run_task("revenue_per_inhabitant")

    assert_table("revenue_per_inhabitant", "revenue_per_inhabitant.csv", key="borough")

"""Prices of power: a day of them by hour, and their mean."""


def test_a_day_has_24_hours_in_each_of_five_zones(run_task, spark, schema):
    run_task("hourly_prices")

    prices = spark.table(schema.table("hourly_prices"))
    assert prices.count() == 5 * 24
    assert prices.select("zone").distinct().count() == 5


def test_the_mean_leaves_hours_without_a_price_out(run_task, tables, assert_table):
    tables("hourly_prices.csv")

    run_task("daily_prices")

    assert_table("daily_prices", [{"zone": "NO1", "eur_per_mwh": 60}, {"zone": "NO4", "eur_per_mwh": 18.15}])

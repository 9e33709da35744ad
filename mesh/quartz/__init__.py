"""Schedules as the Quartz scheduler understands them, which runs the jobs of Databricks.

Source: the class `CronExpression` of `org.quartz-scheduler:quartz` 2.5.2. `make quartz` runs it and writes
what it answers to `tests/mesh/quartz/fixture.jsonl`; the tests compare this package with that file.
"""

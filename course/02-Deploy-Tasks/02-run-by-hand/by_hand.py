# Databricks notebook source
# MAGIC %md
# MAGIC # A flow, run by hand
# MAGIC
# MAGIC Runs the notebooks of the flow `transport/taxinyc/prep/revenue`, one per cell. Each of them asks its widgets where
# MAGIC to write. A job would answer; here it is you.
# MAGIC
# MAGIC The cells stand in the order of the alphabet. Is that an order in which they can run?

# COMMAND ----------

dbutils.widgets.text("catalog", "training")
dbutils.widgets.text("schema", "")

# COMMAND ----------

flow = "../../../orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
where = {
    "catalog": dbutils.widgets.get("catalog"),
    "schema": dbutils.widgets.get("schema"),
    "libs": "../../../libs",  # as each notebook sees it from its own folder
}
assert where["schema"], "the widget `schema` is empty: write the name of your own schema there"

# COMMAND ----------

dbutils.notebook.run(f"{flow}/borough_population", 600, where)

# COMMAND ----------

dbutils.notebook.run(f"{flow}/revenue_by_borough", 600, where)

# COMMAND ----------

dbutils.notebook.run(f"{flow}/revenue_by_tripmonth", 600, where)

# COMMAND ----------

dbutils.notebook.run(f"{flow}/revenue_per_inhabitant", 600, where)

# Databricks notebook source
# MAGIC %md
# MAGIC # A flow, run by hand
# MAGIC
# MAGIC Runs the notebooks of the flow `transport/taxinyc/prep/revenue`, one per cell. Each notebook reads from its widgets
# MAGIC where to write. In a job, these are the job's parameters; here you fill them in.
# MAGIC
# MAGIC The cells are in alphabetical order. Can the notebooks run in this order?

# COMMAND ----------

dbutils.widgets.text("catalog", "training")
dbutils.widgets.text("schema", "")

# COMMAND ----------

flow = "../../../orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
where = {
    "catalog": dbutils.widgets.get("catalog"),
    "schema": dbutils.widgets.get("schema"),
    "libs": "../../../libs",  # relative to each notebook's folder
}
assert where["schema"], "the widget `schema` is empty: write the name of your schema into it"

# COMMAND ----------

dbutils.notebook.run(f"{flow}/borough_population", 600, where)

# COMMAND ----------

dbutils.notebook.run(f"{flow}/revenue_by_borough", 600, where)

# COMMAND ----------

dbutils.notebook.run(f"{flow}/revenue_by_tripmonth", 600, where)

# COMMAND ----------

dbutils.notebook.run(f"{flow}/revenue_per_inhabitant", 600, where)

# Databricks notebook source
# MAGIC %md
# MAGIC # A pipeline, created and started by hand
# MAGIC
# MAGIC Sends the requests that the dialog *Create pipeline* of a workspace sends. The pipeline runs the notebook
# MAGIC `trips`. If you run this notebook again, it uploads `trips` again and starts the same pipeline.

# COMMAND ----------

dbutils.widgets.text("catalog", "training")
dbutils.widgets.text("schema", "")

# COMMAND ----------

from time import sleep

from databricks.sdk import WorkspaceClient

catalog, schema = dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
assert schema, "the widget `schema` is empty: write the name of your schema into it"
workspace = WorkspaceClient()

# COMMAND ----------

# MAGIC %md
# MAGIC ## The code
# MAGIC
# MAGIC A pipeline runs notebooks of the workspace, so the notebook is uploaded to your home folder.

# COMMAND ----------

from databricks.sdk.service.workspace import ImportFormat, Language

path = f"/Users/{workspace.current_user.me().user_name}/trips"
with open("trips.py", "rb") as source:
    workspace.workspace.upload(
        path, source, format=ImportFormat.SOURCE, language=Language.PYTHON, overwrite=True
    )

# COMMAND ----------

# MAGIC %md
# MAGIC ## The pipeline
# MAGIC
# MAGIC Name, catalog, schema and path are written by hand.

# COMMAND ----------

from databricks.sdk.service.pipelines import NotebookLibrary, PipelineLibrary

name = f"by_hand_{schema}"
found = [one.pipeline_id for one in workspace.pipelines.list_pipelines() if one.name == name]
settings = {
    "name": name,
    "catalog": catalog,
    "schema": schema,
    "serverless": True,
    "development": True,
    "libraries": [PipelineLibrary(notebook=NotebookLibrary(path=path))],
}
if found:
    pipeline = found[0]
    workspace.pipelines.update(pipeline, **settings)
else:
    pipeline = workspace.pipelines.create(**settings).pipeline_id

# COMMAND ----------

# MAGIC %md
# MAGIC ## An update
# MAGIC
# MAGIC An update computes all datasets once.

# COMMAND ----------

update = workspace.pipelines.start_update(pipeline).update_id
while True:
    state = workspace.pipelines.get_update(pipeline, update).update.state.value
    if state in ("COMPLETED", "FAILED", "CANCELED"):
        break
    sleep(1)

# COMMAND ----------

# MAGIC %md
# MAGIC ## The event log
# MAGIC
# MAGIC It has the rows that were written, and what expectations found.

# COMMAND ----------

events = workspace.api_client.do("GET", f"/api/2.0/pipelines/{pipeline}/events", query={"max_results": 100})
expectations = set()
for event in events["events"]:
    if event.get("origin", {}).get("update_id") != update:
        continue
    if event["level"] == "ERROR":
        print(event["message"])
    progress = event.get("details", {}).get("flow_progress", {})
    for one in progress.get("data_quality", {}).get("expectations", []):
        expectations.add(f"{one['name']}: {one['passed_records']} passed, {one['failed_records']} failed")
for line in sorted(expectations):
    print(line)

# COMMAND ----------

assert state == "COMPLETED", f"the update is {state}"
display(spark.table(f"`{catalog}`.`{schema}`.amount_of_boroughs").sort("pickup_borough"))

# Databricks notebook source
# MAGIC %md
# MAGIC # Hand production over
# MAGIC
# MAGIC A job says for ever who made it. Jobs of production that a person made are listed, and with `delete` = `yes` they are deleted: the next
# MAGIC deployment makes them anew. Tables are in schemas, not in jobs, and stay.

# COMMAND ----------

dbutils.widgets.dropdown("delete", "no", ["no", "yes"])
dbutils.widgets.text("project", "transport_taxinyc_prod_")

# COMMAND ----------

from databricks.sdk import WorkspaceClient

workspace = WorkspaceClient()
ours = [job for job in workspace.jobs.list() if job.settings.name.startswith(dbutils.widgets.get("project"))]
by_people = [job for job in ours if "@" in (job.creator_user_name or "")]

for job in by_people:
    print(f"{job.settings.name}: made by {job.creator_user_name}")
print(f"{len(by_people)} of {len(ours)} jobs were made by people")

# COMMAND ----------

if dbutils.widgets.get("delete") == "yes":
    for job in by_people:
        workspace.jobs.delete(job.job_id)
        print(f"deleted {job.settings.name}")

"""A mesh of two orgs, in which each change affects some stacks and not others."""

ENVIRONMENTS = ("local", "dev", "prod")
NOTEBOOK = "# Databricks notebook source\n"
SERVERLESS = "tasks: [{task_key: a, serverless: true}]\n"
ACME = "orgs/acme"
TRANSPORT = f"{ACME}/domains/transport"
TAXINYC = f"{TRANSPORT}/projects/taxinyc"
BIKES = f"{TRANSPORT}/projects/bikes"
LEDGER = f"{ACME}/domains/finance/projects/ledger"
PRICES = "orgs/nordlys/domains/energy/projects/prices"
REVENUE = f"{TAXINYC}/flows/prep/revenue"
ORG = """\
environments:
  dev: {metastore: main}
  prod: {metastore: main, branch: main, run_as: {service_principal_name: sp-acme}}
groups:
  analysts: {}
  students: {make: true}
service_principals:
  sp-acme: {application_id: 7f1c0d6e-0000-4000-8000-000000000001}
"""
FILES = {
    ".gitignore": "/out/\n/.mesh/\n*.tmp\n",
    "README.md": "1",
    "tests/test_revenue.py": "1",
    "docs/names.md": "1",
    f"{ACME}/org.yml": ORG,
    f"{ACME}/compute.yml": "job_clusters:\n  nightly: {num_workers: 1, spark_version: 15.4.x-scala2.12, node: {min_cores: 4}}\n"
    "clusters:\n  shared: {num_workers: 1, spark_version: 15.4.x-scala2.12, node_type_id: x, "
    "permissions: [{group_name: analysts, permission_level: CAN_RESTART}]}\n",
    f"{TRANSPORT}/domain.yml": "code: [libs/]\ndescription: Moving\n",
    f"{TRANSPORT}/libs/fares.py": "1",
    f"{TRANSPORT}/defaults.yml": "tags: {cost: transport}\n",
    f"{TAXINYC}/project.yml": "description: Taxis\n",
    f"{REVENUE}/deployment.yml": "schedule: {quartz_cron_expression: 0 0 5 * * ?, timezone_id: UTC}\n"
    "tasks: [{task_key: a, job_cluster_key: nightly, max_retries: 1}]\n",
    f"{REVENUE}/a.py": NOTEBOOK,
    f"{REVENUE}/rates.csv": "1",
    f"{TAXINYC}/libs/taxi/money.py": "CENTS = 100\n",
    f"{TAXINYC}/libs/taxi/time.py": "HOURS = 24\n",
    f"{BIKES}/project.yml": "description: Bikes\n",
    f"{BIKES}/flows/prep/rides/deployment.yml": "schemas: {rides: {}}\n",
    f"{LEDGER}/flows/prep/balance/deployment.yml": "reads: {taxi: transport/taxinyc/prep/revenue}\n"
    + SERVERLESS,
    f"{LEDGER}/flows/prep/balance/a.py": NOTEBOOK,
    f"{LEDGER}/flows/prep/close/deployment.yml": "tasks: [{task_key: run, run_job_task: {flow: taxinyc/prep/revenue}}]\n",
    "orgs/nordlys/org.yml": "environments:\n  prod: {run_as: {service_principal_name: 3f9a1c52-7d42-4b87-a1a5-0a83a6d0b6f1}}\n",
    f"{PRICES}/flows/prep/spot/deployment.yml": SERVERLESS
    + "environments:\n  prod: {tasks: [{task_key: a, serverless: true, "
    "notebook_task: {notebook_path: orgs/nordlys/tools/a, source: GIT}}]}\n",
    f"{PRICES}/flows/prep/spot/a.py": NOTEBOOK,
    "orgs/nordlys/tools/a.py": NOTEBOOK,
    f"{PRICES}/flows/prep/spot/notes.md": "1",
}

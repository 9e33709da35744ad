"""What a process needs to find the local workspace, Spark and MLflow."""

from local.home import Home, Status
from local.mlflow import server as mlflow_server


def connection_variables(status: Status | None, home: Home) -> dict[str, str]:
    """Return the environment variables with the addresses and tokens of the workspace, Spark and MLflow."""
    if status is None:
        return {}
    spark = {"SPARK_REMOTE": status.spark_remote} if status.spark_remote else {}
    workspace = {"DATABRICKS_HOST": status.url, "DATABRICKS_TOKEN": status.token}
    return {**workspace, **spark, **mlflow_server.variables(home, mlflow_server.Environment())}

"""References in the settings of jobs, as Databricks replaces them when a task runs."""

"""The Databricks workspace that runs on this machine, and a way to deploy to it without a registry."""

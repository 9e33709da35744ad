"""The Databricks workspace on this machine, and how to deploy to it without a Terraform registry."""

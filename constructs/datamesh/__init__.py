"""cdktf constructs for the levels of a data mesh and their Databricks resources."""

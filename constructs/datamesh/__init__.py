"""How a data mesh looks on Databricks: cdktf constructs for its levels and their parts."""

"""Compares the lineage of SQL with what Spark resolves."""

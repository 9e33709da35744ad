"""Lineage: the tables and columns that the code of flows reads and writes."""

"""Compute of the local workspace: one Spark Connect server with Delta and the workspace's catalogs."""

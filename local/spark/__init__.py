"""Compute of the local workspace: a Spark Connect server with Delta and the workspace's catalogs."""

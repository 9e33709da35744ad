"""`mesh local run`: what changed of a flow goes into the workspace, then its jobs and pipelines run."""

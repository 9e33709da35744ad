"""An MLflow tracking server beside the local workspace, in an environment of its own."""

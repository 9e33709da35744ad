"""Training data of the local workspace: New York's taxi trips."""

"""`mesh test`: runs the tests of flows with pytest, on the Spark of the local workspace."""

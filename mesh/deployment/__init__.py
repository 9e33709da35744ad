"""The mesh in one environment, for one identity: names, settings, states and their order."""

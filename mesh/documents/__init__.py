"""YAML files as checked documents: every value has a position, every field a known type."""

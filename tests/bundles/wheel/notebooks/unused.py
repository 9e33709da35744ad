"""Not used by any task."""

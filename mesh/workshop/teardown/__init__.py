"""Removes a workshop: finds out what belongs to it, and removes that and nothing else."""

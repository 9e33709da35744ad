"""Removes a workshop: finds the objects that belong to it, and removes only these objects."""

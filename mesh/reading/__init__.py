"""Reads the folders of a mesh: files → model, with all findings."""

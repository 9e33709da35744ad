"""Reads git: the checkout, its objects, and a base commit to compare with."""

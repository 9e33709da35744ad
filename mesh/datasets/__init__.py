"""Small datasets in plain Python: generated samples and reference tables."""

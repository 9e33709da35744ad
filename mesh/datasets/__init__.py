"""Small datasets that need nothing but Python: generated samples and reference tables."""

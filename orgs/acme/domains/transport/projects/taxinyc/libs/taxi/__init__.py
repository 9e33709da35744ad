"""What the flows of this project share: where tables are, and what counts as revenue."""

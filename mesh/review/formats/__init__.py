"""The formats of a review: a table for terminals, Markdown, HTML and JSON."""

"""The formats of a report: a table for terminals, Markdown, HTML and JSON."""

"""`mesh map`: a mesh as one page for a browser, or as one picture for documentation."""

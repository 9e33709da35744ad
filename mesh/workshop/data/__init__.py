"""The workshop's data: files in volumes, and tables that are made from them."""

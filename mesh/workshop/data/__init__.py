"""The course's data: files in volumes, and the tables that are created from them."""

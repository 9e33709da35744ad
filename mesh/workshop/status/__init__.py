"""The progress of a class in the forms that people and programs read."""

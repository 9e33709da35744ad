"""The workshop: a class of students, each with a place of their own in one workspace."""

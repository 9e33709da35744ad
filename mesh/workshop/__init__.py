"""The workshop: a class of students in one workspace, each with personal folders and schemas."""

"""The course of a workshop: tasks, the evidence that a task is done, and progress."""

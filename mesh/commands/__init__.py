"""One command per file: each module does what the command of the same name does."""

"""The built-in rules, one per file; a function's first sentence states what is right."""

"""How far a class is, as people and programs read it."""

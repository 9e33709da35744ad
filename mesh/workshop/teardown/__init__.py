"""The removal of a workshop: an inventory, the owner of each object, and what is removed."""

"""What git knows: the checkout, its objects, and a base commit to compare with."""

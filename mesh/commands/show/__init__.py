"""`mesh show`: one flow or project in an environment, every value with its origin."""

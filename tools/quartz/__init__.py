"""What Quartz itself says of 1,000 expressions, for the tests of `mesh/quartz`."""

"""`make bench`: how long commands take, and how much processor time and memory they need."""

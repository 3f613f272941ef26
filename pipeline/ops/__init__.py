"""Is it well: the state of nights, papers and the set-up, for people and monitors."""

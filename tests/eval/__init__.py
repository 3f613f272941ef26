"""Measurements of quality, which take minutes and pass or fail nothing."""

"""Measurements of speed, memory, size and tokens, against endpoints on loopback: `make bench`."""

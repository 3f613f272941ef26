"""Calls made by the workers of a Ray cluster.

Pays when several GPU nodes or machines each serve the model at their own address, and the papers' texts are at hand:
arXiv gives a text every three seconds, however many workers wait. On one machine, or against one remote endpoint,
`--engine local` is faster and simpler: one driver settles about 50 papers a second through Ray, 93 without it.
"""

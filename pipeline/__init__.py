"""A nightly Korean digest of research papers in which every sentence can be traced to its paper."""

__version__ = "0.1.0"

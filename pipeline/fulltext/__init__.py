"""What a paper says: HTML or PDF to numbered sentences, and the part that a model gets to read."""

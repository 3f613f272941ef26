"""What is asked next about a paper, and what becomes of the answer. No I/O."""

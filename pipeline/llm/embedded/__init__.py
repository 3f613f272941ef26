"""The embedded writer: a small model in this process, for trying the program out."""

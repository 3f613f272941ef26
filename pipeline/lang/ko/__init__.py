"""Korean: particles, conjugation, style."""

"""Korean and English: words, terms, figures and style. Pure but for reading its tables."""

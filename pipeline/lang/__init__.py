"""What is Korean, what is English: words, terms, figures and style of both languages. Pure."""

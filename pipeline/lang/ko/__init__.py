"""Korean alone: lexicon, particles, conjugation, style, filler, transliteration."""

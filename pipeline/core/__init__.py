"""What every room works with: the records between the stages, settings, errors, text, time, money."""

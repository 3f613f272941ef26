"""Is a written digest right: its format, and its sentences against their papers."""

"""A blind comparison of our digest with other ones about the same papers, by a judge who knows no side's name."""

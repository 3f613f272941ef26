"""`make faults`: nights that something happens to, each followed by a plain one that has to put everything right."""

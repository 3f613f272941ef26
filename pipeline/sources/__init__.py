"""Where the papers come from. In each source fetching gives bytes and parsing, which is pure, gives records."""

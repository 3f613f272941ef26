"""What is printed: digest files with their records, read, changed and written."""

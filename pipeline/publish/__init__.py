"""Where it goes: digest files and the records beside them."""

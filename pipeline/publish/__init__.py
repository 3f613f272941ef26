"""Where digests go besides their files: the site, messages, formats of other programs."""

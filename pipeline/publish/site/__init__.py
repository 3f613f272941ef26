"""The static site: the digests as pages, each sentence with the sentences of the paper that it rests on."""

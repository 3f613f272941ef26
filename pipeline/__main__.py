"""`python -m pipeline`: the command line, see `cli`."""

from pipeline.cli import main

main()

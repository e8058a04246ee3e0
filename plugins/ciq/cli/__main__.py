"""`python -m ciq.cli`: the `ciq` command without its script."""

from ciq.cli.app import main

main()

"""The `ciq` command. Each group of commands has its file; heavy libraries are imported only where they are used."""

from ciq.cli.app import main

__all__ = ["main"]

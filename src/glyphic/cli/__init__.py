"""The command `glyphic`: a file for each kind of verb, a function for each verb, which imports what it needs when it
runs."""

from glyphic.cli import batch, datasets, measuring, reading, review, serve, training
from glyphic.cli.console import main

__all__ = ["batch", "datasets", "main", "measuring", "reading", "review", "serve", "training"]

"""The command line: `surrogate predict`, `train`, `evaluate` and `data`."""

from surrogate.cli.root import app, main

__all__ = ["app", "main"]

"""The command line: ``main`` runs it, ``app`` holds its commands."""

from tertius.cli.main import main
from tertius.cli.run import app

__all__ = ["app", "main"]

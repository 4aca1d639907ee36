"""The command line: ``main`` runs it, ``app`` holds its commands.

While the program is being imported, the interrupt key ends it as it ends any program, without a traceback.
"""

import signal
from contextlib import suppress

_held = signal.getsignal(signal.SIGINT)
with suppress(ValueError):  # imported in a thread: handlers belong to the main one
    signal.signal(signal.SIGINT, signal.SIG_DFL)
try:
    from tertius.cli.main import main
    from tertius.cli.run import app
finally:
    with suppress(ValueError, TypeError):
        signal.signal(signal.SIGINT, _held)

__all__ = ["app", "main"]

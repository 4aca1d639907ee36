"""Where tertius keeps what it could make again: the user's cache folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """The user's cache folder for tertius: XDG_CACHE_HOME, LOCALAPPDATA, or what the system uses.

    A user without a home has none: then it lies where nothing can be written nor read.
    """
    try:
        home = Path.home()
    except RuntimeError:
        home = Path(os.devnull)
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "tertius"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "tertius" / "cache"
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(chosen) if os.path.isabs(chosen) else home / ".cache") / "tertius"

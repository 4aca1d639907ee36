"""Text that is safe to print: no label moves the cursor, no command breaks apart."""

from __future__ import annotations

import shlex
import unicodedata


def plain_text(text: object) -> str:
    """Text without control characters, line breaks and direction marks, so that no label can move the cursor.

    >>> plain_text("a\\x1b[31mb")
    'a?[31mb'
    """
    return "".join("?" if unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Zl", "Zp") else ch for ch in str(text))


def command_lines(command: str, width: int) -> tuple[str, ...]:
    """A command in lines of at most ``width`` that the shell reads as one; a longer word stays whole."""
    try:
        words = [shlex.quote(w) for w in shlex.split(command)]
    except ValueError:
        return (command,)
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if len(longer) > width - 2 and lines[-1].strip():
            lines.append("    " + word)
        else:
            lines[-1] = longer
    return (*(f"{line} \\" for line in lines[:-1]), lines[-1])

"""Errors say what is wrong and what to type next."""

from __future__ import annotations

import re

import pytest

from tertius import errors


def all_errors() -> list[type[errors.TertiusError]]:
    found: list[type[errors.TertiusError]] = [errors.TertiusError]
    for kind in found:
        found += kind.__subclasses__()
    return found


@pytest.mark.parametrize("kind", all_errors())
def test_every_error_tells_its_name_its_message_and_its_hint(kind: type[errors.TertiusError]) -> None:
    error = kind("What is wrong.", "What to type.")
    assert error.to_dict() == {"error": {"type": kind.__name__, "message": "What is wrong.", "hint": "What to type."}}
    assert str(error) == "What is wrong. What to type."


def test_an_error_without_hint_is_its_message() -> None:
    assert str(errors.UsageError("What is wrong.")) == "What is wrong."


def test_the_tree_of_the_docstring_is_the_tree_of_the_classes() -> None:
    assert errors.__doc__ is not None
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in errors.__doc__.splitlines():
        found = re.match(r"    ([|` -]*)([A-Z]\w+)", line)
        if found:
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            drawn[found[2]] = above[depth - 1] if depth else "Exception"
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in all_errors()}


def test_a_warning_is_no_error() -> None:
    assert issubclass(errors.TertiusWarning, UserWarning)

"""The API's description: valid, whole, and kept by the server whatever is asked."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from explorer import Explorer
from tertius.errors import UsageError
from tertius.web.api import schema_of
from tertius.web.questions import QUESTIONS

ROOT = Path(__file__).resolve().parents[3]


def test_it_is_valid_and_names_every_question(served: Explorer) -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator is not installed")
    told = served.ask("/api/v1/openapi.json").json
    validator.validate(told)
    paths = {path.rpartition("/")[2] for path in told["paths"]}
    assert set(QUESTIONS) <= paths
    explain = told["paths"]["/api/v1/{data}/explain"]["get"]
    assert {p["name"] for p in explain["parameters"]} == {
        "data", "wait", *(p.name for p in QUESTIONS["explain"].parameters)
    }  # fmt: skip


@pytest.mark.parametrize("name", ["actor", "group"])
def test_a_text_that_is_described_is_read_and_no_other(name: str) -> None:
    p = next(p for p in QUESTIONS["isolation"].parameters if p.name == name)
    said = re.compile(schema_of(p)["pattern"])
    for text in ("North Korea", "NATO", " NATO", "@NATO", " \x1f@x", "", " ", "\t\x1f", "a\0", "\0"):
        try:
            p.read(text)
        except UsageError:
            assert not said.match(text), text
        else:
            assert said.match(text), text


def test_a_body_of_other_types_than_described_is_refused(served: Explorer) -> None:
    for body in (b'{"text": true}', b'{"text": 3}', b'{"text": "x", "quotes": "1"}', b"[]", b"null", b'"text"'):
        assert served.ask("/api/v1/chronicle/check", "POST", body).status == 400, body


@pytest.mark.slow
def test_whatever_is_asked_is_answered_as_described(served: Explorer) -> None:
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    spec = importlib.util.spec_from_file_location(
        "explorer_under_attack", ROOT / "scripts" / "explorer_under_attack.py"
    )
    assert spec is not None
    assert spec.loader is not None
    attack = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = attack
    spec.loader.exec_module(attack)
    counts = attack.schemathesis_cases(served, 120)
    assert counts.sent >= 60
    assert counts.wrong == []

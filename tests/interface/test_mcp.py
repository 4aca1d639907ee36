"""Tools for a model: by the SDK's own client, and by messages written by hand over pipes."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="The SDK is not installed: pip install '.[test]'")

import anyio
import typer
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client

from tertius.cli import app
from tertius.errors import BadValue, InputError, NotEnoughData
from tertius.mcp import server
from tertius.mcp.server import AT_ONCE
from tertius.mcp.tools import TOOLS, Tool, find_tool

SERVER = [sys.executable, "-m", "tertius", "mcp", "chronicle"]
ARTICLE = "3 July 2022\n\nCooperation between Russia and North Korea has soared since 2021.\n"
QUICK = {"a": "RUS", "b": "PRK", "certificate": False}
CHANGING = {"seconds", "peak_memory_mb"}


def steady(value: Any) -> Any:
    """Without what differs from run to run."""
    if isinstance(value, dict):
        return {k: steady(v) for k, v in value.items() if k not in CHANGING}
    return [steady(v) for v in value] if isinstance(value, list) else value


@asynccontextmanager
async def sdk_client() -> AsyncIterator[Client]:
    told = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env=dict(os.environ))
    async with Client(stdio_client(told)) as client:
        yield client


def test_the_sdks_client_gets_what_the_commands_print(tertius: Callable[..., Any]) -> None:
    asked: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
        "explain": (QUICK, ("RUS", "PRK", "chronicle", "--no-certificate")),
        "codes": ({"name": "North Korea", "date": "1980-01-01"}, ("North Korea", "--date", "1980-01-01")),
    }
    found: dict[str, Any] = {}

    async def main() -> None:
        async with sdk_client() as client:
            listed = (await client.list_tools()).tools
            assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
            for tool in listed:
                assert tool.annotations is not None
                assert tool.annotations.read_only_hint is True
                assert tool.input_schema["additionalProperties"] is False
            for name, (given, _) in asked.items():
                found[name] = await client.call_tool(name, given)

    anyio.run(main)
    for name, (_, words) in asked.items():
        printed = tertius(name, *words, "--json").document
        assert found[name].is_error is False
        assert steady(found[name].structured_content) == steady(printed)
        assert json.loads(found[name].content[0].text) == found[name].structured_content


class ByHand:
    """A client that writes lines of JSON, and reads lines of JSON."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [*SERVER, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.n = 0

    def start(self) -> ByHand:
        told = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "by hand", "version": "0"}}
        self.about = self.ask("initialize", told)["result"]
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    def raw(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def send(self, message: dict[str, Any]) -> None:
        self.raw(json.dumps(message).encode())

    def begin(self, method: str, params: dict[str, Any] | None = None) -> int:
        self.n += 1
        self.send({"jsonrpc": "2.0", "id": self.n, "method": method, "params": params or {}})
        return self.n

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found = json.loads(self.process.stdout.readline())
        assert found["jsonrpc"] == "2.0"
        assert isinstance(found, dict)
        return found

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        number = self.begin(method, params)
        while (found := self.read()).get("id") != number:
            pass
        return found

    def call(self, name: str, /, **given: Any) -> dict[str, Any]:
        result = self.ask("tools/call", {"name": name, "arguments": given})["result"]
        assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
        assert isinstance(result, dict)
        return result

    def error(self, name: str, /, **given: Any) -> dict[str, str]:
        """The error of a call, in the words of the commands."""
        result = self.call(name, **given)
        assert result["isError"] is True
        found = result["structuredContent"]["error"]
        assert set(found) == {"type", "message", "hint"}
        assert isinstance(found, dict)
        return found

    def children(self) -> list[int]:
        """Processes that the server has started and that run: commands, not what is still a copy of the server, for
        which it waits."""
        task = Path(f"/proc/{self.process.pid}/task")
        lists = [(t / "children").read_text().split() for t in task.iterdir()] if task.is_dir() else []
        found = []
        for pid in (pid for pids in lists for pid in pids):
            with suppress(OSError):  # it has ended meanwhile
                if b"-P" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                    found.append(int(pid))
        return found


PATIENCE = 200.0
"""Seconds that one server may take for all of a test."""


@pytest.fixture
def by_hand() -> Iterator[ByHand]:
    client = ByHand()
    patience = threading.Timer(PATIENCE, client.process.kill)  # then a test fails and does not hang
    patience.start()
    with client.process:  # closes its pipes and waits
        try:
            yield client.start()
        finally:
            patience.cancel()
            for child in client.children():  # where a test failed
                os.kill(child, signal.SIGKILL)
            client.process.kill()


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def test_by_hand_an_article_is_checked_and_standard_output_holds_the_protocol_alone(by_hand: ByHand) -> None:
    assert by_hand.about["serverInfo"]["name"] == "tertius"
    assert set(by_hand.about["capabilities"]) >= {"tools"}
    found = by_hand.call("check", text=ARTICLE)["structuredContent"]
    assert [c["verdict"] for c in found["claims"]] == ["data too thin"]
    assert by_hand.ask("ping")["result"] == {}
    out, err = by_hand.process.communicate(timeout=60)  # standard input ends: so does the server
    assert (out, by_hand.process.returncode) == (b"", 0)
    assert b"Cooperation" not in err


def test_what_is_wrong_comes_back_in_our_words_and_the_server_goes_on(by_hand: ByHand) -> None:
    assert by_hand.error("explain", a="Nth Korea", b="RUS")["message"].startswith("'Nth Korea'")
    assert by_hand.error("explain", a="RUS")["message"] == "b is missing."
    assert by_hand.error("explain", **QUICK, windw=["2020-01-01", "2020-02-01"])["hint"].startswith("Did you mean wind")
    assert "YYYY-MM-DD" in by_hand.error("explain", **QUICK, window=["2020-01-01", "--help"])["message"]
    assert "above 1000" in by_hand.error("explain", **QUICK, permutations=10**9)["message"]
    assert "is no integer" in by_hand.error("changes", top="many")["message"]
    assert by_hand.error("codes", name="a\x00b")["message"].startswith("name is not of the form")
    assert by_hand.error("expl")["hint"].startswith("Did you mean explain")
    assert by_hand.error("changes", since="2023-02-31")["type"] in ("UsageError", "BadValue")
    assert by_hand.ask("ping")["result"] == {}


def test_no_word_of_a_client_is_a_path_or_an_option(
    tmp_path: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("date,source,target,quad\n2020-01-01,AAA,SECRET,1\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(str(secret).encode())))
    two = {"a": "RUS", "b": "PRK"}
    for name, given in (
        ("pairs", {"data": str(secret)}), ("changes", {"data": f"../{secret.name}"}),
        ("pairs", {"data": "chronicle", "engine": "spark://host:1"}), ("explain", {**two, "covariates": str(secret)}),
        ("explain", {**two, "by": f"@{secret}"}), ("explain", {"a": f"@{secret}", "b": "RUS"}),
        ("pairs", {"actor": f"@{secret}"}), ("codes", {"name": f"@{secret}"}),
    ):  # fmt: skip
        with pytest.raises(BadValue):
            find_tool(name).command(given, ["chronicle"])
    for name, given in (
        ("explain", {"a": str(secret), "b": "RUS"}), ("explain", {**two, "by": f" @{secret}"}),
        ("explain", {"a": "--covariates", "b": str(secret)}), ("pairs", {"actor": f"--actors=@{secret}"}),
        ("explain", {**two, "by": "--help"}), ("codes", {"name": "--help"}), ("codes", {"name": f"--groups={secret}"}),
        ("check", {"text": str(secret)}),
    ):  # fmt: skip
        ran = tertius(*find_tool(name).command(given, ["chronicle"]))
        assert "SECRET" not in ran.out
        assert ran.code == 2 or ran.document["claims"] == [], name


@pytest.mark.parametrize("tool", TOOLS, ids=[tool.name for tool in TOOLS])
def test_every_tool_is_a_command_with_bounds(tool: Tool) -> None:
    """Its options exist, and every text, list and number that it takes is bounded."""
    options = {o for p in typer.main.get_command(app).commands[tool.name].params for o in (*p.opts, *p.secondary_opts)}  # type: ignore[attr-defined]
    samples = {"integer": 1, "boolean": True, "array": ["2020-01-01", "2020-02-01"]}
    given = {}
    for name, takes in tool.takes.items():
        given[name] = samples.get(takes["type"]) or next(iter(takes.get("enum", ["2020-01-01"])))
        if takes.get("title", "").startswith("7d"):
            given[name] = "1mo"
        bounded = {"string": {"maxLength", "pattern", "enum"}, "integer": {"maximum"}, "array": {"maxItems"}}
        assert takes["type"] == "boolean" or bounded[takes["type"]] & set(takes), name
    if "certificate" in given:
        given["certificate"] = False
    words = tool.command(given, ["chronicle"])
    asked = words[1 : words.index("--")]
    assert {word.split("=")[0] for word in asked if word.startswith("-")} <= options
    missing = set(tool.takes) - {w.split("=")[0].lstrip("-").removeprefix("no-") for w in asked} - {tool.text}
    assert missing == set(tool.required) - {tool.text}


def test_a_huge_text_and_garbage_are_refused_and_pings_answered(by_hand: ByHand) -> None:
    assert by_hand.error("check", text="x" * 20_000_000)["message"] == "text is longer than 1000000 characters."
    by_hand.raw(b"\xff\xfe not json")
    by_hand.raw(b'{"jsonrpc": "2.0", "id": 900}')
    by_hand.raw(b"[" * 100_000)
    by_hand.raw(b"")
    by_hand.raw(b'{"jsonrpc": "2.0", "id": 901, "method": "no/such", "params": {}}')
    assert by_hand.ask("tools/call", {"name": 5})["error"]["code"] == -32602
    assert by_hand.ask("ping")["result"] == {}


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="There is no /proc to see processes in")
def test_long_work_blocks_no_ping_and_ends_when_it_is_cancelled(by_hand: ByHand) -> None:
    long = by_hand.begin("tools/call", {"name": "explain", "arguments": {"a": "RUS", "b": "PRK", "permutations": 1000}})
    wait_until(lambda: len(by_hand.children()) == 1)
    child = by_hand.children()[0]
    os.kill(child, signal.SIGSTOP)  # so that it never ends of itself
    assert by_hand.ask("ping")["result"] == {}
    assert Path(f"/proc/{child}").exists()
    by_hand.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": long}})
    wait_until(lambda: by_hand.children() == [] and not Path(f"/proc/{child}").exists())
    assert by_hand.call("codes", name="RUS")["isError"] is False


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="There is no /proc to see processes in")
def test_few_calls_compute_at_once_and_all_end_with_the_server(by_hand: ByHand) -> None:
    for _ in range(AT_ONCE + 2):
        by_hand.begin("tools/call", {"name": "explain", "arguments": {"a": "RUS", "b": "PRK", "permutations": 1000}})
    wait_until(lambda: len(by_hand.children()) == AT_ONCE)
    time.sleep(0.5)
    children = by_hand.children()
    assert len(children) == AT_ONCE
    for child in children:
        os.kill(child, signal.SIGSTOP)  # so that none ends of itself
    assert by_hand.process.stdin is not None
    by_hand.process.stdin.close()
    wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


def test_a_call_that_takes_too_long_or_answers_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="without an answer"):
        anyio.run(server._run, ["--version"], "")
    monkeypatch.setattr(server, "SECONDS", 0.05)
    with pytest.raises(NotEnoughData, match="No answer after"):
        anyio.run(server._run, ["explain", "--json", "--", "RUS", "PRK", "chronicle"], "")


def test_data_that_cannot_be_loaded_are_said_before_serving(tertius: Callable[..., Any]) -> None:
    ran = tertius("mcp", "nodata", "--json")
    assert ran.code == 2
    assert ran.document["error"]["message"] == "There is no data 'nodata'."


def test_without_the_extra_the_line_to_type_is_named(
    tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tertius.mcp.find_spec", lambda name: None)
    ran = tertius("mcp", "chronicle")
    assert (ran.code, ran.out) == (2, "")
    assert "pip install 'tertius[mcp]'" in ran.err

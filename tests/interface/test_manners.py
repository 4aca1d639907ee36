"""Manners: of the commands (help, pipes, quiet, completion, suggestions) and of what Python gets back."""

from __future__ import annotations

import csv
import importlib.util
import inspect
import io
import json
import os
import re
import shlex
import subprocess
import sys
import typing
from collections.abc import Callable
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import altair as alt
import duckdb
import pytest
import typer

import tertius as package
from tertius import study
from tertius.cli import app
from tertius.cli.options import GROUPS, effect_names, many_of
from tertius.errors import UsageError, did_you_mean
from tertius.model.tables import FORMATS as TABLES
from tertius.model.tables import Printed
from tertius.sources.importing import FORMATS, import_files
from tertius.spec import DEFAULTS, ModelSpec, Options

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
HEAD = "date,source,target,quad"
ASKED: dict[str, Any] = {
    "model": "rate", "effects": "inertia.coop,shared_threat", "slice": "1mo", "half_life": "2y",
}  # fmt: skip
QUICK = "--model rate --effects inertia.coop,shared_threat --slice 1mo --half-life 2y"


@pytest.fixture(scope="module")
def answer() -> Any:
    return package.explain("RUS", "PRK", "chronicle", certificate=False, **ASKED)


# Python


@pytest.mark.parametrize("function", [study.fit, study.explain])
def test_every_field_of_the_question_is_a_keyword_with_its_type(function: Callable[..., Any]) -> None:
    signature, hints = inspect.signature(function), typing.get_type_hints(function)
    typed = typing.get_type_hints(Options)
    names = [f.name for f in fields(ModelSpec)]
    assert set(typed) == set(DEFAULTS) == set(names)
    assert not any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    for name in names:
        parameter = signature.parameters[name]
        assert (parameter.kind, parameter.default) == (parameter.KEYWORD_ONLY, None), name
        assert hints[name] == typed[name], name
    assert [name for name, hint in hints.items() if hint is Any] == ["data"]


def test_what_explain_takes_by_name_is_what_its_type_says() -> None:
    keywords = {n for n, p in inspect.signature(study.explain).parameters.items() if p.kind is p.KEYWORD_ONLY}
    assert keywords == set(typing.get_type_hints(study.ExplainOptions))


def test_fits_docstring_names_every_field() -> None:
    assert [
        f.name for f in fields(ModelSpec) if not re.search(rf"^    .*\b{f.name}\b.* : ", study.fit.__doc__ or "", re.M)
    ] == []


def test_a_keyword_given_in_python_reaches_the_question(answer: Any, no_atlas: None) -> None:
    assert (answer.fit.slice, answer.fit.half_life, answer.fit.model) == ("1mo", "2y", "rate")
    demo = study.demo(seed=7)
    assert demo.fit.seed == 7


def test_paths_and_lists_are_taken_and_other_things_refused() -> None:
    assert ModelSpec.of(covariates=Path("a.csv")).covariates == ("a.csv",)
    assert ModelSpec.of(covariates=[Path("a.csv"), "b.csv"]).covariates == ("a.csv", "b.csv")
    with pytest.raises(UsageError, match="neither a name nor a list"):
        ModelSpec.of(effects=5)


def test_every_result_has_a_line(answer: Any, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(f"{HEAD}\n2020-01-01,RUS,PRK,1\n")
    audit = import_files("events", [tmp_path / "e.csv"], tmp_path / "S")
    data = package.load("chronicle")
    results = [
        data, answer, answer.fit, audit, package.world("nothing", n_actors=12, n_periods=6),
        package.simulate(5, 10, seed=1), study.Fits((answer.fit,)),
    ]  # fmt: skip
    for result in results:
        line = repr(result)
        assert re.fullmatch(r"<[^\n]{20,200}>", line), line
    assert "data too thin" in repr(package.explain("RUS", "PRK", "chronicle", permutations=0, **ASKED))
    assert all(word in repr(answer) for word in ("RUS and PRK", "not certified", "third parties"))
    assert "1,207 rows" in repr(data)
    assert "1 read, 1 kept" in repr(audit)
    os.remove(next((tmp_path / "S" / "parts").iterdir()))
    assert repr(package.load("chronicle")).startswith("<EventData chronicle: directed")


def test_a_summary_is_what_the_terminal_shows(answer: Any, tertius: Callable[..., Any]) -> None:
    told = tertius("explain", "RUS", "PRK", "chronicle", *QUICK.split(), "--no-certificate").out
    assert answer.summary() == "\n".join(line.rstrip() for line in told.splitlines())
    described = tertius("describe", "chronicle").out
    assert package.load("chronicle").summary().split() == described.split()
    drives = package.explain(None, None, "chronicle", by="USA", **ASKED)
    for text in (answer.summary(), answer.fit.summary(), drives.summary()):
        assert max(map(len, text.splitlines())) <= 80
        assert "\x1b" not in text
        assert len(text.splitlines()) > 8


def test_coefficients_come_by_their_usual_names(answer: Any) -> None:
    fit = answer.fit
    first = fit.coefficients[0]
    assert fit.coef() == fit.params == {c.term: c.estimate for c in fit.coefficients}
    assert fit.se() == fit.bse
    assert fit.se()[first.term] == pytest.approx((first.ci_high - first.ci_low) / (2 * 1.959963984540054))
    assert fit.confint()[first.term] == pytest.approx((first.ci_low, first.ci_high))
    low, high = fit.confint(0.5)[first.term]
    assert first.ci_low < low < first.estimate < high < first.ci_high
    with pytest.raises(UsageError, match="between 0 and 1"):
        fit.confint(95)


@pytest.mark.parametrize("backend", ["pandas", "polars"])
def test_a_data_frame_that_is_not_installed_names_the_pip_line(
    backend: str, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("pandas", "polars") else there(name))
    with pytest.raises(UsageError, match=f"pip install {backend}"):
        answer.table(backend)
    assert type(answer.table()).__module__.startswith("pyarrow")
    with pytest.raises(UsageError, match="Did you mean pandas"):
        answer.table("panda")


@pytest.mark.parametrize(("quad", "absent"), [(1, "hostility"), (4, "cooperation")])
def test_data_of_one_sign_are_described(quad: int, absent: str, tertius: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text(f"{HEAD}\n2020-01-01,RUS,PRK,{quad}\n2020-01-02,USA,PRK,{quad}\n")
    told = tertius("describe", path, "--json").document
    assert (told[absent], told["events"]) == (0, 2)
    shown = tertius("describe", path)
    assert (shown.code, "None" in shown.out) == (0, False)
    assert re.search(rf"{absent} +0\n", shown.out)
    assert "None" not in package.load(path)._repr_html_()


def test_an_unknown_attribute_has_a_near_name() -> None:
    with pytest.raises(AttributeError, match="Did you mean explain"):
        package.explian  # noqa: B018


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(package.__file__).parent / "py.typed").is_file()


def test_charts_need_no_network_in_a_notebook(answer: Any) -> None:
    before = alt.renderers.active
    drawn = package.charts_of(answer)
    for name, chart in drawn.items():
        bundle = chart._repr_mimebundle_()
        assert set(bundle) == {"application/vnd.vegalite.v6+json", "image/svg+xml", "image/png", "text/plain"}, name
        assert bundle["image/svg+xml"].startswith("<svg")
        assert bundle["image/png"].startswith(b"\x89PNG")
        text = json.dumps(bundle["application/vnd.vegalite.v6+json"]) + bundle["image/svg+xml"]
        hosts = set(re.findall(r"https?://([\w.-]+)", text))
        assert hosts <= {"vega.github.io", "www.w3.org"}, name  # names of a schema and of SVG: nothing is fetched
        assert bundle["application/vnd.vegalite.v6+json"]["$schema"].startswith("https://vega.github.io/schema/")
        assert bundle["application/vnd.vegalite.v6+json"]["width"] == 640
        break
    assert all("_repr_mimebundle_" in vars(type(chart)) for chart in drawn.values())
    assert alt.renderers.active == before


class WithoutWidgets:
    """DuckDB in a notebook without ipywidgets: its progress bar is off, and may not even be switched off."""

    def __init__(self, con: Any) -> None:
        self.con = con

    def execute(self, sql: str, *more: Any) -> Any:
        if "SET enable_progress_bar" in sql:
            raise duckdb.InvalidInputException("required package 'ipywidgets' is missing")
        return self.con.execute(sql, *more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)


def test_data_are_read_in_a_notebook_without_ipywidgets(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda *args: WithoutWidgets(connect(*args)))
    assert package.load("chronicle").describe()["rows"] == 1207


# Commands


def python(*words: object, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "tertius", *map(str, words)],
        capture_output=True, text=True, check=False, timeout=120, **more,
    )  # fmt: skip


def test_the_version_is_shown(tertius: Callable[..., Any]) -> None:
    assert tertius("--version").out == f"tertius {package.__version__}\n"
    ran = python("--version")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"tertius {package.__version__}\n", "")


WRONG = {
    "two effects": (
        "fit chronicle --effects comon_foe,inertai", "'inertai'", "Did you mean common_foe? Did you mean inertia?",
    ),
    "the first of two effects": ("fit chronicle --effects comon_foe,inertai", "'comon_foe'", "shared_threat"),
    "suffix": ("fit chronicle --effects inertia.cop", "'inertia.cop'", "inertia.coop"),
    "effect of explain": (
        "explain RUS PRK chronicle --effects shard_threat", "'shard_threat'", "Did you mean shared_threat?",
    ),
    "no foe": ("explain RUS PRK chronicle --effects inertia", "shared_threat", "Add shared_threat to --effects"),
    "model": ("fit chronicle --model rates", "'rates'", "Did you mean rate?"),
    "outcome": ("fit chronicle --outcome hostilty", "'hostilty'", "Did you mean hostility?"),
    "legs": ("fit chronicle --legs mins", "'mins'", "Did you mean min?"),
    "miscoding": (f"fit chronicle {QUICK} --miscoding shard_threat", "'shard_threat'", "Did you mean shared_threat?"),
    "group": ("fit chronicle --actors @NATOO,RUS", "NATOO", "NATO"),
    "format": ("import event x.csv --into S", "'event'", "Did you mean events?"),
    "mirrored": ("describe one.csv --mirrored kep", "'kep'", "Did you mean keep?"),
    "table": ("fit chronicle --table cvs", "'cvs'", "Did you mean csv?"),
    "table of explain": ("explain RUS PRK chronicle --table cvs", "'cvs'", "Did you mean csv?"),
    "table and json": ("events RUS PRK chronicle --table csv --json", "--json", "Leave one"),
    "option": ("fit chronicle --efects inertia", "--effects", "--help"),
    "command": ("explian RUS PRK chronicle", "Did you mean 'explain'?", "--help"),
    "data": ("describe chronicel", "'chronicel'", "Did you mean chronicle?"),
    "data of nothing": ("explain RUS PRK nodata", "'nodata'", "a store folder (made by tertius import)"),
    "no data": ("explain RUS PRK", "DATA is missing", "For example: tertius explain RUS PRK chronicle"),
    "actor of the data alone": ("explain RUS Rebles one.csv", "'Rebles'", "Did you mean Rebels?"),
    "swapped window": (
        "explain RUS PRK chronicle --window 2020-01-01 2016-01-01", "--window 2020-01-01 2016-01-01",
        "write --window 2016-01-01 2020-01-01",
    ),
    "swapped reference": (
        "explain RUS PRK chronicle --reference 2012-01-01 2010-01-01", "--reference",
        "write --reference 2010-01-01 2012-01-01",
    ),
    "swapped window at the beginning": (
        "explain RUS PRK chronicle --window 2001-01-01 2000-03-01", "--window", "write --window 2000-03-01 2001-01-01",
    ),
    "window in another age": (
        "explain RUS PRK chronicle --window 2050-01-01 2051-01-01", "outside", "--window with days",
    ),
    "swapped span": (
        "fit chronicle --from 2021-01-01 --to 2020-01-01", "--from", "write --from 2020-01-01 --to 2021-01-01",
    ),
    "beginning of a word": ("fit chronicle --outcome coop", "'coop'", "Did you mean cooperation?"),
    "two days for one": ("explain RUS PRK chronicle --window 2020-01-01", "2 arguments", "tertius explain --help"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_comes_with_what_was_meant(
    wrong: str, tertius: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, message, hint = WRONG[wrong]
    monkeypatch.chdir(tmp_path)
    Path("one.csv").write_text(f"{HEAD}\n2020-01-01,RUS,Rebels,3\n2020-01-02,Rebels,PRK,3\n")
    if "--miscoding" not in command:  # which needs the terms of the design

        def fitted(*_: Any, **__: Any) -> None:
            raise AssertionError("fitted before it was looked at")

        monkeypatch.setattr("tertius.model.estimate.fit_rate", fitted)
        monkeypatch.setattr("tertius.model.within.model.fit_ppml", fitted)
    ran = tertius(*command.split())
    told = ran.out if "--json" in command else ran.err
    assert ran.code == 2
    assert message in told
    assert hint in told
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", ["window", "reference"])
def test_a_span_without_a_slice_is_refused_before_the_fit(
    name: str, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fitted(*_: Any, **__: Any) -> None:
        raise AssertionError("fitted before the span was looked at")

    monkeypatch.setattr(import_module("tertius.study.fit"), "estimate", fitted)
    days = {"window": ("2020-01-03", "2020-01-05"), "reference": ("2010-01-03", "2010-01-05")}[name]
    ran = tertius("explain", "RUS", "PRK", "chronicle", *QUICK.split(), f"--{name}", *days)
    assert ran.code == 2
    assert f"--{name} {days[0]} {days[1]} holds no whole 1mo" in ran.err


def test_a_suggestion_knows_case_and_says_nothing_where_nothing_is_near() -> None:
    assert did_you_mean("CSV", ["csv", "html"]) == "Did you mean csv? "
    assert did_you_mean("zzz", ["csv", "html"]) == ""


@pytest.mark.parametrize("name", ["thesis.html", "thesis"])
def test_a_report_replaces_no_file_of_the_users(
    name: str, tertius: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worked(*_: Any, **__: Any) -> None:
        raise AssertionError("the work was begun")

    monkeypatch.setattr(study, "explain", worked)
    target = tmp_path / name
    target.write_text("mine")
    ran = tertius("explain", "RUS", "PRK", "chronicle", "--report", target)
    assert (ran.code, target.read_text()) == (2, "mine")
    assert "not a report of tertius" in ran.err


def test_the_demo_replaces_no_file_of_the_users(tertius: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine")
    ran = tertius("demo", "--out", tmp_path)
    assert (ran.code, (tmp_path / "report.html").read_text()) == (2, "mine")


def test_quiet_leaves_the_answer_and_the_errors(tertius: Callable[..., Any], csv_file: Any) -> None:
    path = csv_file("e.csv", HEAD, "2020-01-01,RUS,Rebels,1", "2020-01-02,Rebels,RUS,1")
    assert "Note:" in tertius("describe", path).err
    quiet = tertius("describe", path, "--quiet")
    assert (quiet.code, quiet.err, "Rebels" in quiet.out) == (0, "", True)
    wrong = tertius("describe", "nowhere", "-q")
    assert (wrong.code, "nowhere" in wrong.err) == (2, True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_quiet_defaults_and_examples(name: str, tertius: Callable[..., Any]) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    text = tertius(name, "--help").out
    assert "--quiet" in text
    assert max(map(len, text.splitlines())) <= 80
    headings = re.findall(r"^([A-Z].*):$", text, re.M)
    assert headings == [g for g in (*GROUPS, "Examples") if g in headings]
    told = " ".join(text.split())
    for param in command.params:
        if param.param_type_name == "option" and not param.is_flag and not param.required:
            said = (param.help or "") + (f" Default: {param.default}." if param.default is not None else "")
            assert "Default: " in said, param.name
            assert " ".join(said.split("Default: ")[1].split()) in told.replace("- ", "-"), param.name
    examples = text.split("Examples:\n")[1].splitlines()
    assert len(examples) >= 1
    options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
    for example in examples:
        words = shlex.split(example)
        assert words[:2] == ["tertius", name]
        assert {w for w in words if w.startswith("-")} <= options, example


def test_help_names_the_defaults_of_the_spec(tertius: Callable[..., Any]) -> None:
    told = " ".join(tertius("fit", "--help").out.split())
    in_python_alone = {"scales"}
    asked = {f: text for f, text in DEFAULTS.items() if f not in in_python_alone}
    assert [f for f, text in asked.items() if f"Default: {text}." not in told] == []
    resolved = ModelSpec().resolve(directed=True, n_periods=12)
    assert (resolved.model, ModelSpec().resolve(directed=True, n_periods=11).model) == ("within", "rate")
    assert [f for f, v in ModelSpec().to_dict().items() if v is not None and str(v) != DEFAULTS[f]] == []


def test_the_formats_in_help_are_those_that_there_are(tertius: Callable[..., Any]) -> None:
    told = " ".join(tertius("import", "--help").out.split())
    assert f"FORMAT {', '.join([*FORMATS][:-1])} or {[*FORMATS][-1]}." in told


def pipe(*words: str, read: int) -> tuple[int, str]:
    """Exit code and stderr of a command whose reader closes the pipe after ``read`` bytes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tertius", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    if read:
        process.stdout.read(read)
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    return process.wait(timeout=120), err


@pytest.mark.parametrize(
    "words",
    [
        "--help", "codes", "codes --json", "describe chronicle", "describe nowhere --json",
        "events RUS PRK chronicle --table csv -q", f"explain RUS PRK chronicle {QUICK} --no-certificate --json",
    ],
)  # fmt: skip
def test_a_reader_that_leaves_is_no_error(words: str) -> None:
    code, err = pipe(*words.split(), read=0)
    assert err == ""
    assert code == 141


def test_rows_come_as_csv_alone(answer: Any, tertius: Callable[..., Any]) -> None:
    ran = tertius("explain", "RUS", "PRK", "chronicle", *QUICK.split(), "--no-certificate", "--table", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    parts = answer.attribution.third_parties
    assert [r["actor"] for r in rows] == [t.actor for t in parts]
    assert [float(r["events"]) for r in rows] == [t.events for t in parts]
    ran = tertius("explain", "--by", "USA", "chronicle", *QUICK.split(), "--table", "csv")
    assert ran.out.startswith("a,b,events,")
    ran = tertius("events", "RUS", "PRK", "chronicle", "--limit", "3", "--table", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    told = tertius("events", "RUS", "PRK", "chronicle", "--limit", "3", "--json").document["events"]
    assert [(r["date"], r["sentence"]) for r in rows] == [(e["date"], e["sentence"]) for e in told]
    assert "3 of 90 rows" in ran.err


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("words", ["events RUS PRK chronicle", f"explain RUS PRK chronicle {QUICK} --no-certificate"])
def test_rows_come_in_every_form(words: str, form: str, tertius: Callable[..., Any]) -> None:
    ran = tertius(*words.split(), "--table", form)
    assert ran.code == 0
    assert ran.out.startswith(
        {"csv": ("date,", "actor,"), "markdown": "| ", "latex": r"\begin", "html": "<table>"}[form]
    )


def test_cells_cannot_break_out_of_a_table() -> None:
    table = Printed(("a", "b"), [("x|y\nz & 5 %", "<b>")], [{"a": None, "b": float("nan")}])
    assert r"| x\|y z & 5 % | <b> |" in TABLES["markdown"](table)
    assert r"\& 5 \% & <b>" in TABLES["latex"](table)
    assert "&lt;b&gt;" in TABLES["html"](table)
    assert TABLES["csv"](table) == "a,b\n,\n"


def test_the_shell_completes(tertius: Callable[..., Any]) -> None:
    def completed(line: str) -> list[str]:
        words = line.split()
        environment = {
            **os.environ, "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1),
            "_TERTIUS_COMPLETE": "complete_bash",
        }  # fmt: skip
        return python(env=environment).stdout.split()

    assert completed("tertius expl") == ["explain"]
    assert completed("tertius import ice") == ["icews"]
    assert completed("tertius fit chronicle --effects inertia,shared_") == [
        "inertia,shared_threat",
        "inertia,shared_target",
    ]
    assert "PRK" in completed("tertius explain PR")
    assert completed("tertius fit chronicle --mod") == ["--model"]
    script = python("--show-completion", env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert script.returncode in (0, 2)


def test_the_last_of_several_words_is_completed() -> None:
    assert many_of(effect_names)("inertia,shared_th") == ["inertia,shared_threat"]

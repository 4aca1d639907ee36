"""The command line: one document or one message, exit codes, and nothing written when something is wrong."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import typer

from tertius.cli import app
from tertius.sources.importing import import_files, read_events
from tertius.spec import ModelSpec

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
HEAD = "date,source,target,quad"
SMALL = (
    HEAD, "2020-01-01,RUS,PRK,1", "2020-01-02,USA,PRK,3", "2020-01-03,PRK,RUS,1", "2020-01-04,USA,RUS,4",
    "2020-01-05,CHN,PRK,1", "2020-01-06,RUS,PRK,2", "2020-01-07,RUS,CHN,1",
)  # fmt: skip
NET = ("date,a,b,weight", "2020-01-06,RUS,PRK,3", "2020-01-14,USA,PRK,-2", "2020-01-21,RUS,PRK,1")

QUICK = "--model rate --effects inertia.coop,shared_threat --slice 1mo --half-life 2y"

FILES: dict[str, tuple[str, ...]] = {
    "small.csv": SMALL,
    "empty.csv": (),
    "no_target.csv": ("date,source,quad", "2020-01-01,RUS,1"),
    "bad_date.csv": (HEAD, "2020-01-01,RUS,PRK,1", "2020-02-30,RUS,PRK,1", "2020-02-31,RUS,PRK,1"),
    "negative.csv": (f"{HEAD},weight", "2020-01-01,RUS,PRK,1,-7.5"),
    "nan.csv": (f"{HEAD},weight", "2020-01-01,RUS,PRK,1,nan"),
    "one_actor.csv": (HEAD, "2020-01-01,RUS,RUS,1", "2020-01-02,RUS,RUS,1"),
    "one_slice.csv": (HEAD, "2020-01-01,RUS,PRK,1", "2020-01-01,RUS,CHN,3"),
    "one_sign.csv": (HEAD, "2020-01-01,RUS,PRK,1", "2020-01-02,RUS,CHN,1", "2020-01-03,RUS,PRK,2"),
    "ragged.csv": (HEAD, "2020-01-01,RUS,PRK,1", "2020-01-02,RUS"),
    "actors.txt": ("RUS", "PRK", "RUS"),
    "missing.csv": ("date", "2020-02-30"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small files, a directed and an undirected store, and a Parquet file cut short."""
    folder = tmp_path_factory.mktemp("made")
    for name, lines in FILES.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    (folder / "net.csv").write_text("\n".join(NET) + "\n")
    import_files("events", [folder / "small.csv"], folder / "STORE")
    import_files("dyads", [folder / "net.csv"], folder / "NET")
    pq.write_table(read_events(folder / "small.csv")[0], folder / "cut.parquet")
    (folder / "cut.parquet").write_bytes((folder / "cut.parquet").read_bytes()[:-50])
    import_files("events", [folder / "small.csv"], folder / "CUT")
    (part,) = (folder / "CUT" / "parts").iterdir()
    part.write_bytes(part.read_bytes()[:-50])
    return folder


def tree(folder: Path) -> dict[str, bytes | None]:
    return {str(f.relative_to(folder)): f.read_bytes() if f.is_file() else None for f in folder.rglob("*")}


BAD: dict[str, tuple[str, str, str, str]] = {
    # what is wrong: the command, the error's type, a piece of its message, a piece of its hint
    "no such command": ("explode", "UsageError", "explode", "tertius --help"),
    "no such option": ("describe chronicle --loud", "UsageError", "--loud", "tertius describe --help"),
    "no DATA": ("fit", "UsageError", "argument", "tertius fit --help"),
    "no store named": ("import events small.csv", "UsageError", "--into", "tertius import --help"),
    "number that is none": ("events RUS PRK STORE --limit few", "UsageError", "--limit", "tertius events --help"),
    "empty file": ("import events empty.csv --into NEW", "EmptyData", "empty.csv is empty", "Check"),
    "empty file as DATA": ("describe empty.csv", "EmptyData", "empty.csv is empty", "Check"),
    "missing column": ("import events no_target.csv --into NEW", "MissingColumn", "'target'", "--map target="),
    "impossible date": ("import events bad_date.csv --into NEW", "BadValue", "row 2: '2020-02-30'", "2022-02-24"),
    "negative weight": ("import events negative.csv --into NEW", "BadValue", "'-7.5'", "--weight goldstein"),
    "negative weight in DATA": ("fit negative.csv", "BadValue", "'-7.5'", "--weight goldstein"),
    "NaN": ("import events nan.csv --into NEW", "BadValue", "'nan' is not a weight", "Drop"),
    "one actor": ("import events one_actor.csv --into NEW", "EmptyData", "self_pair 2", "--map"),
    "one actor at risk": ("fit STORE --actors RUS", "NotEnoughData", "only one actor", "--actors"),
    "one slice": ("fit one_slice.csv --model rate", "NotEnoughData", "one slice of 1d", "--slice"),
    "one sign": (
        "fit one_sign.csv --model rate --effects inertia.host", "NotEnoughData", "hostility", "--effects",
    ),
    "no outcome": ("fit one_sign.csv --model rate --outcome hostility", "NotEnoughData", "hostility", "--outcome"),
    "ragged text": ("describe ragged.csv", "CorruptFile", "ragged.csv, line 3", "quotation marks"),
    "truncated Parquet": ("import events cut.parquet --into NEW", "CorruptFile", "cut.parquet", "again"),
    "truncated Parquet as DATA": ("describe cut.parquet", "CorruptFile", "cut.parquet", "again"),
    "truncated part": ("describe CUT", "CorruptFile", ".parquet", "again"),
    "truncated part of an audit": ("audit CUT", "CorruptFile", ".parquet", "again"),
    "directed into undirected": ("import events small.csv --into NET", "UsageError", "is undirected", "--into"),
    "store among other files": ("import events small.csv --into .", "UsageError", "is not a store", "--into"),
    "unknown format": ("import gedcom small.csv --into NEW", "UsageError", "'gedcom'", "events, icews, dyads"),
    "no such file": ("import events nowhere.csv --into NEW", "InputError", "nowhere.csv does not exist", "path"),
    "map without equals": ("import events small.csv --into NEW --map date", "UsageError", "'date'", "--map source="),
    "map to nothing": ("import events small.csv --into NEW --map source=who", "MissingColumn", "'who'", "date, source"),
    "weight of silver": ("import events small.csv --into NEW --weight silver", "UsageError", "'silver'", "goldstein"),
    "mirrored half": ("import events small.csv --into NEW --mirrored half", "UsageError", "'half'", "auto or keep"),
    "bad day": ("import dyads net.csv --into N --missing missing.csv", "BadValue", "'2020-02-30'", "2022-02-24"),
    "no such DATA": ("describe nowhere", "UsageError", "'nowhere'", "chronicle"),
    "no such DATA to explain": ("explain RUS PRK nowhere", "UsageError", "'nowhere'", "chronicle"),
    "not a store": ("audit chronicle", "UsageError", "not a store", "tertius import"),
    "one word": ("explain chronicle", "UsageError", "chronicle", "tertius explain RUS PRK DATA"),
    "two words": ("explain RUS PRK", "UsageError", "RUS PRK", "tertius explain RUS PRK DATA"),
    "four words": ("explain RUS PRK STORE STORE", "UsageError", "RUS PRK STORE STORE", "tertius explain RUS PRK DATA"),
    "same actor twice": ("explain RUS Russia STORE", "UsageError", "twice", "two different actors"),
    "driver in the pair": ("explain RUS PRK STORE --by PRK", "UsageError", "twice", "third"),
    "actor that the data lack": ("explain RUS JPN STORE", "UnknownActor", "Japan (JPN)", "tertius describe STORE"),
    "driver that the data lack": ("explain --by JPN STORE", "UnknownActor", "Japan (JPN)", "tertius describe STORE"),
    "misspelt actor": ("explain RUS NthKorea STORE", "UnknownActor", "'NthKorea'", "Did you mean PRK (North Korea)?"),
    "misspelt actor of events": ("events RUS Chnia STORE", "UnknownActor", "'Chnia'", "CHN (China)"),
    "unknown effect": ("fit STORE --effects inertai", "UnknownEffect", "'inertai'", "inertia"),
    "effect twice": ("fit STORE --effects inertia.coop,inertia.coop", "UnknownEffect", "inertia.coop", "once"),
    "directed effect, net data": ("fit NET --effects reciprocity", "UnknownEffect", "reciprocity", "common_foe"),
    "directed cause, net data": (
        "explain RUS PRK NET --effects shared_threat", "UnknownEffect", "shared_threat", "common_foe",
    ),
    "unknown model": ("fit STORE --model ols", "UsageError", "--model 'ols'", "rate"),
    "unknown outcome": ("fit STORE --outcome love", "UsageError", "--outcome 'love'", "cooperation"),
    "unknown response": ("fit STORE --response money", "UsageError", "--response 'money'", "count"),
    "unknown transform": ("fit STORE --transform log", "UsageError", "--transform 'log'", "log1p"),
    "unknown legs": ("fit STORE --legs max", "UsageError", "--legs 'max'", "sqrt"),
    "unknown decay": ("fit STORE --decay-to later", "UsageError", "--decay-to 'later'", "previous"),
    "unknown table": ("fit STORE --table excel", "UsageError", "--table 'excel'", "markdown"),
    "no duration": ("fit STORE --slice weekly", "BadDuration", "'weekly'", "15min 12h 30d 8w 6mo 2y"),
    "slice too short": ("fit STORE --slice 1min", "BadDuration", "1min", "15min"),
    "no half-life": ("fit STORE --half-life coop=30d", "BadDuration", "coop=30d", "host="),
    "no date": ("fit STORE --from 1.1.2020", "UsageError", "'1.1.2020'", "2022-02-24"),
    "dates swapped": ("fit STORE --from 2020-02-01 --to 2020-01-01", "UsageError", "--from 2020-02-01", "Swap"),
    "no event in the span": ("fit STORE --from 2021-01-01", "EmptyData", "2021-01-01", "--from"),
    "windows overlap": (
        f"explain RUS PRK chronicle {QUICK} --window 2016-01-01 2020-12-31 --reference 2012-01-01 2016-01-01",
        "UsageError", "overlap", "do not",
    ),
    "window turned round": (
        f"explain RUS PRK chronicle {QUICK} --window 2020-01-01 2016-01-01 --reference 2005-01-01 2006-01-01",
        "UsageError", "--window", "Swap",
    ),
    "no such list of actors": ("fit STORE --actors @nobody.txt", "InputError", "nobody.txt", "one actor a line"),
    "no such group at risk": ("fit STORE --actors RUS,@Entente", "InputError", "Entente (--actors)", "NATO, EU, CSTO"),
    "group without members then": ("fit STORE --actors @G8,RUS", "UsageError", "G8 (--actors) has no member", "--from"),
    "codes on no day": ("codes RUS --date 1970-13-01", "UsageError", "'1970-13-01'", "2022-02-24"),
    "no such groups": ("codes RUS --groups nowhere.csv", "InputError", "No groups in nowhere.csv", "group,actor"),
    "actor twice at risk": ("fit STORE --actors @actors.txt", "UsageError", "RUS", "once"),
    "several outcomes saved": ("fit STORE --outcome cooperation,hostility --save NEW", "UsageError", "--save", "one"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", BAD)
def test_bad_input_exits_2_with_one_message_and_writes_nothing(
    wrong: str, made: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    command, kind, message, hint = BAD[wrong]
    monkeypatch.chdir(made)
    before = tree(made)

    ran = tertius(*command.split(), "--json")
    assert ran.code == 2
    error = ran.document["error"]
    assert set(ran.document) == {"error"}
    assert set(error) == {"type", "message", "hint"}
    assert (error["type"], message in error["message"], hint in error["hint"]) == (kind, True, True), error
    assert "Error" not in ran.err
    assert tree(made) == before


@pytest.mark.parametrize(
    "wrong",
    [
        "no such option",
        "no store named",
        "negative weight",
        "truncated part",
        "two words",
        "misspelt actor",
        "one slice",
    ],
)
def test_without_json_the_message_is_on_stderr_and_nothing_on_stdout(
    wrong: str, made: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    command, kind, message, hint = BAD[wrong]
    monkeypatch.chdir(made)
    ran = tertius(*command.split())
    assert (ran.code, ran.out) == (2, "")
    first, second = ran.err.splitlines()
    assert first.startswith(f"{kind}: ")
    assert message in first
    assert hint in second


def test_json_is_one_document_and_nothing_else(made: Path, tertius: Callable[..., Any]) -> None:
    document = tertius("describe", made / "STORE", "--json").document
    assert (document["actors"], document["rows"], document["directed"]) == (4, 7, True)
    assert tertius("codes", "PRK", "--json").document["actors"][0]["name"] == "North Korea"
    found = tertius("events", "Russia", "PRK", made / "STORE", "--limit", "2", "--json").document
    assert (found["pair"], found["n"], len(found["events"])) == (["RUS", "PRK"], 3, 2)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("describe STORE", "China"),
        ("events RUS PRK STORE", "2020-01-06"),
        ("audit STORE", "2020-01-07"),
        ("import events small.csv --into PRINTED", "2020-01-07"),
        ("codes PRK", "North Korea"),
        (f"fit chronicle {QUICK} --table csv", "shared_threat"),
    ],
)
def test_without_json_people_can_read_it(
    command: str, found: str, made: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made)
    ran = tertius(*command.split())
    assert (ran.code, found in ran.out) == (0, True)
    with pytest.raises(json.JSONDecodeError):
        json.loads(ran.out)


def test_import_and_audit_tell_the_same(made: Path, tertius: Callable[..., Any], tmp_path: Path) -> None:
    words = ("import", "events", made / "small.csv", "--into", tmp_path / "S", "--json")
    told = tertius(*words).document
    assert (told["read"], told["kept"], told["dropped"], told["quarantined"]) == (7, 7, {}, 0)
    found = tertius("audit", tmp_path / "S", "--json").document
    coverage = found.pop("coverage")  # of a store: also calendars, breaks, and rows over time
    assert coverage | told.pop("coverage") == coverage
    assert found == told


def test_fit_answers_in_json_with_one_fit_or_several(tertius: Callable[..., Any]) -> None:
    one = tertius("fit", "chronicle", *QUICK.split(), "--json")
    assert (one.code, one.err, [c["term"] for c in one.document["coefficients"]]) == (
        0, "", ["inertia.coop", "shared_threat"],
    )  # fmt: skip
    several = tertius("fit", "chronicle", *QUICK.split(), "--outcome", "cooperation,any", "--json").document
    assert [f["outcome"] for f in several["fits"]] == ["cooperation", "any"]
    assert several["fits"][0]["log_likelihood"] == one.document["log_likelihood"]


def test_explain_answers_in_json_for_a_pair_and_for_a_driver(tertius: Callable[..., Any]) -> None:
    pair = tertius("explain", "Russia", "DPRK", "chronicle", *QUICK.split(), "--no-certificate", "--json")
    assert (pair.code, pair.document["pair"], pair.document["verdict"]) == (0, ["RUS", "PRK"], "not certified")
    driver = tertius("explain", "--by", "USA", "chronicle", *QUICK.split(), "--json")
    assert (driver.code, driver.document["by"]) == (0, "USA")


@pytest.mark.parametrize("asked", ["--sample 5", "--miscoding shared_threat"])
@pytest.mark.parametrize("question", [("RUS", "PRK"), ("--by", "USA")])
def test_the_command_that_is_printed_runs_and_gives_the_same(
    asked: str, question: tuple[str, str], tertius: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "STUDY"
    assert tertius("fit", "chronicle", *QUICK.split(), *asked.split(), "--save", folder).code == 0
    first = tertius("explain", *question, folder, "--no-certificate", "--json").document
    assert asked in first["command"]
    again = tertius(*shlex.split(first["command"])[1:], "--json")
    assert again.code == 0, again.out
    again_fit, first_fit = (d.get("fit", d) for d in (again.document, first))
    assert again.document["command"] == first["command"]
    assert again_fit["coefficients"] == first_fit["coefficients"]


def test_pairs_and_compare_answer_in_json_and_as_tables(tertius: Callable[..., Any]) -> None:
    words = (*QUICK.split(), "--top", "3")
    every = tertius("pairs", "chronicle", *words, "--json")
    assert (every.code, every.err, len(every.document["pairs"])) == (0, "", 3)
    again = tertius(*shlex.split(every.document["command"])[1:], "--json").document
    assert (again["pairs"], again["command"]) == (every.document["pairs"], every.document["command"])
    some = tertius("compare", "Russia-PRK", "CHN-Russia", "chronicle", *QUICK.split(), "--json").document
    assert [e["pair"] for e in some["pairs"]] == [["RUS", "PRK"], ["CHN", "RUS"]]
    again = tertius(*shlex.split(some["command"])[1:], "--json").document
    assert again["pairs"] == some["pairs"]
    table = tertius("pairs", "chronicle", *words, "--table", "csv").out.splitlines()
    assert (len(table), table[0].split(",")[:4]) == (4, ["a", "b", "observed", "expected"])
    shown = tertius("pairs", "chronicle", *words).out
    assert max(map(len, shown.splitlines())) <= 80
    assert "Benjamini-Hochberg" in shown
    wrong = tertius("compare", "chronicle", "--json")
    assert (wrong.code, wrong.document["error"]["type"]) == (2, "UsageError")


@pytest.mark.parametrize("name", ["fit", "explain", "pairs", "compare"])
def test_whatever_a_command_may_print_is_an_option_of_it(name: str, tertius: Callable[..., Any]) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    options = {o for p in command.params for o in p.opts}
    fields = set(ModelSpec().to_dict()) - {"scales"}
    printed = {f"--{ {'start': 'from', 'end': 'to'}.get(f, f.replace('_', '-')) }" for f in fields}
    assert printed - options == set()


def test_options_reach_the_question(tertius: Callable[..., Any]) -> None:
    words = "--model rate --effects inertia.coop --slice 2mo --half-life coop=2y,host=none --seed 7 --transform raw"
    span = ("--from", "2010-01-01", "--to", "2020-12-31")
    told = tertius("fit", "chronicle", *words.split(), *span, "--json").document
    assert {k: told[k] for k in ("slice", "half_life", "seed", "transform")} == {
        "slice": "2mo", "half_life": "coop=2y,host=none", "seed": 7, "transform": "raw",
    }  # fmt: skip
    assert all(word in told["command"] for word in ("--slice 2mo", "--seed 7", "--from 2010-01-01", "--to 2020-12-31"))


def test_an_unknown_code_is_noted_once_on_stderr(tertius: Callable[..., Any], csv_file: Any) -> None:
    path = csv_file("e.csv", HEAD, "2020-01-01,RUS,Rebels,1", "2020-01-02,Rebels,RUS,1")
    ran = tertius("describe", path, "--json")
    assert (ran.code, ran.err.count("Rebels"), ran.err.count("Note:")) == (0, 1, 1)
    assert ran.document["rows"] == 2


def test_actors_may_come_from_a_file(tertius: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "risk.txt").write_text("RUS\n\n North Korea \nChina\nUSA\nTUV\n")
    told = tertius("fit", "chronicle", *QUICK.split(), "--actors", f"@{tmp_path / 'risk.txt'}", "--json").document
    assert (told["n_actors"], told["n_dyads"]) == (5, 20)


def at_risk(tertius: Callable[..., Any], actors: str, *words: str) -> Any:
    ran = tertius("fit", "chronicle", *QUICK.split(), "--actors", actors, *words, "--json")
    assert (ran.code, ran.err) == (0, ""), ran.out
    return ran.document


def test_actors_may_be_the_members_of_a_group_in_the_span(tertius: Callable[..., Any], tmp_path: Path) -> None:
    before = at_risk(tertius, "@NATO,RUS,PRK", "--to", "2017-06-04")
    assert before["n_actors"] == 28 + 2
    assert "--actors @NATO,RUS,PRK" in before["command"]
    assert at_risk(tertius, "@NATO,RUS,PRK", "--to", "2017-06-05")["n_actors"] == 29 + 2
    overlapping = at_risk(tertius, "@G7,USA,@G8,PRK", "--from", "2005-01-01", "--to", "2013-12-31")
    assert overlapping["n_actors"] == 8 + 1
    assert at_risk(tertius, "NATO,RUS,PRK,USA")["n_actors"] == 4
    mine = tmp_path / "groups" / "mine.csv"
    mine.parent.mkdir()
    mine.write_text("group,actor,from,to\nQuad,United States,,\nQuad,Japan,,2001-12-31\nQuad,IND,2002-01-01,\n")
    assert at_risk(tertius, f"@{mine},RUS,PRK")["n_actors"] == 5
    assert at_risk(tertius, f"RUS,PRK,@{mine}", "--from", "2003-01-01")["n_actors"] == 4


def test_actors_in_python_take_groups_too(made: Path) -> None:
    import tertius as package

    asked = {"model": "rate", "effects": "inertia.coop", "slice": "1mo", "half_life": "2y"}
    by_text = package.fit("chronicle", actors="@G7,RUS,PRK", **asked)
    by_list = package.fit("chronicle", actors=["PRK", "@G7", "RUS"], **asked)
    assert by_text.n_actors == by_list.n_actors == 9
    assert by_text.log_likelihood == pytest.approx(by_list.log_likelihood)


def test_codes_go_by_date_and_take_groups_of_ones_own(tertius: Callable[..., Any], tmp_path: Path) -> None:
    members = tertius("codes", "NATO", "--date", "1952-02-18", "--json").document["groups"]
    assert ({m["group"] for m in members}, len(members)) == ({"NATO"}, 14)
    assert [a["code"] for a in tertius("codes", "Moscow", "--date", "1970-01-01", "--json").document["actors"]] == [
        "SUN"
    ]
    mine = tmp_path / "mine.csv"
    mine.write_text("group,actor,from\nQuad,India,2017-11-12\nQuad,USA,\n")
    ran = tertius("codes", "quad", "--groups", tmp_path, "--date", "2010-01-01")
    assert (ran.code, "United States (USA)" in ran.out, "India" in ran.out) == (0, True, False)
    assert "India (IND)" in tertius("codes", "--groups", mine).out


def test_a_study_keeps_its_groups(tertius: Callable[..., Any], tmp_path: Path) -> None:
    saved = at_risk(tertius, "@G7,RUS,PRK", "--save", str(tmp_path / "S"))
    again = tertius("fit", tmp_path / "S", "--json").document
    assert (again["n_actors"], again["log_likelihood"]) == (9, saved["log_likelihood"])


@pytest.mark.parametrize("words", ["", "Germany", "NATO", "UK", "weis", "plover", "G8 --date 2005-01-01", "Saint"])
def test_codes_fit_80_columns(words: str, tertius: Callable[..., Any]) -> None:
    ran = tertius("codes", *words.split())
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    assert not words.startswith("Ger") or ran.out.count("255") == ran.out.count("260") == 2  # COW and GW


@pytest.mark.parametrize("name", COMMANDS)
def test_help_lists_every_option(name: str, tertius: Callable[..., Any]) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    ran = tertius(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    options = [o for p in command.params for o in p.opts if o.startswith("--")]
    assert "--json" in options
    assert "--seed" in options or name == "demo"
    assert [o for o in options if o not in ran.out] == []


def test_the_commands_alone_print_their_help(tertius: Callable[..., Any]) -> None:
    alone = tertius()
    assert (alone.code, alone.err) == (0, "")
    assert alone.out == tertius("--help").out
    assert [c for c in COMMANDS if f"  {c} " not in alone.out] == []


def test_the_contracts_commands_of_this_version_are_there() -> None:
    assert {
        "demo",
        "import",
        "audit",
        "describe",
        "events",
        "fit",
        "explain",
        "pairs",
        "compare",
        "codes",
        "balance",
        "isolation",
        "trend",
        "rank",
    } <= set(COMMANDS)


def test_an_interruption_exits_130(tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tertius.sources.loading.load", interrupted)
    ran = tertius("describe", "chronicle", "--json")
    assert (ran.code, ran.out, ran.err.strip()) == (130, "", "")


def test_a_fault_of_ours_is_not_dressed_up_as_bad_input(
    tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tertius.sources.loading.load", broken)
    with pytest.raises(ZeroDivisionError):
        tertius("describe", "chronicle", "--json")


def test_a_file_that_may_not_be_read_is_bad_input(tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "secret.csv")

    monkeypatch.setattr("tertius.sources.loading.load", forbidden)
    ran = tertius("describe", "secret.csv", "--json")
    assert (ran.code, ran.document["error"]["message"]) == (2, "secret.csv: Permission denied.")


def python(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "tertius.cli", *map(str, words)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_in_a_process_of_its_own(made: Path) -> None:
    good = python("describe", made / "STORE", "--json")
    assert (good.returncode, json.loads(good.stdout)["actors"], good.stderr) == (0, 4, "")
    bad = python("describe", made / "nowhere", "--json")
    assert (bad.returncode, list(json.loads(bad.stdout)), bad.stderr) == (2, ["error"], "")
    said = python("describe", made / "nowhere")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("UsageError: There is no data ")
    assert len(said.stderr.splitlines()) == 2


def test_one_question_has_one_answer(tertius: Callable[..., Any]) -> None:
    """The part of the USA in the chronicle's pair: command line, Python and the ranking of pairs."""
    import tertius as package

    def part(third_parties: list[dict[str, Any]]) -> tuple[float, float, float]:
        found = next(t for t in third_parties if t["actor"] == "USA")
        return found["events"], found["events_low"], found["events_high"]

    asked = part(tertius("explain", "RUS", "PRK", "chronicle", "--json").document["third_parties"])
    assert part(package.explain("Russia", "North Korea", "chronicle").to_dict()["third_parties"]) == asked
    ranked = tertius("explain", "--by", "USA", "chronicle", "--json").document
    (pair,) = [p for p in ranked["pairs"] if {p["a"], p["b"]} == {"RUS", "PRK"}]
    assert (pair["events"], pair["events_low"], pair["events_high"]) == pytest.approx(asked)
    assert "explain A B --by K gives" in " ".join(ranked["caveats"])

"""The terminal: 80 columns, no colour codes in files, verdict first."""

from __future__ import annotations

import io
import re
import shlex
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

import tertius
from tertius.answers.explanation import Drives, Explanation
from tertius.codes.lookup import find_codes
from tertius.errors import TertiusWarning
from tertius.report import terminal
from tertius.report.pages import document_of, rows_of
from tertius.report.plain_text import command_lines
from tertius.report.rows import print_rows
from tertius.study import Fits, events_between
from tertius.study.behind import Audited, CodesFound, Described, Kept, RowsBehind

NASTY = "[red]\x1b[31m\nA very long label indeed, of some eighty-five characters, which no terminal column can hold"


def shown(answer: Any, width: int = 80) -> str:
    console = Console(width=width, record=True, file=io.StringIO(), highlight=False)
    terminal.show(console, document_of(answer))
    return console.export_text()


def fits_80(text: str) -> bool:
    return all(len(line) <= 80 for line in text.splitlines())


def with_nasty_labels(e: Explanation) -> Explanation:
    parts = tuple(replace(t, actor=NASTY if k == 0 else t.actor) for k, t in enumerate(e.attribution.third_parties))
    return replace(e, attribution=replace(e.attribution, third_parties=parts), caveats=(NASTY, *e.caveats))


def test_explanation_fits_80_columns(explanation: Explanation, undirected: Explanation) -> None:
    for answer in (explanation, undirected, with_nasty_labels(explanation)):
        for width in (80, 200):
            assert fits_80(shown(answer, width))


def test_labels_are_neither_markup_nor_control_codes(explanation: Explanation) -> None:
    text = shown(with_nasty_labels(explanation))
    assert "[red]" in text
    assert "\x1b" not in text


def test_verdict_and_rise_come_before_the_table(explanation: Explanation) -> None:
    text = shown(explanation)
    at = [text.index(x) for x in ("not certified", "Was there a rise", "third party  ", "Unattributed", "Keep in mind")]
    assert at == sorted(at)
    assert "How to repeat it" in text


def test_the_certificate_fits_80_columns(certified: Explanation, passed: Explanation) -> None:
    for answer in (certified, passed):
        text = shown(answer)
        assert fits_80(text)
        order = [
            "Verdict:",
            "The certificate:",
            "3 to 1 before",
            "6a Their cooperation rose",
            "6c It holds without the pair",
            "The reverse claim",
            "third party  ",
        ]
        at = [text.index(x) for x in order]
        assert at == sorted(at)
    assert "The certificate: passed" in text


def test_at_most_twelve_third_parties(explanation: Explanation) -> None:
    base = explanation.attribution.third_parties[0]
    many = tuple(replace(base, actor=f"K{k:02d}", events=float(k)) for k in range(30))
    answer = replace(explanation, attribution=replace(explanation.attribution, third_parties=many))
    text = shown(answer)
    assert len(re.findall(r"^K\d\d ", text, flags=re.MULTILINE)) == 12


def test_numbers_are_aligned_right(explanation: Explanation) -> None:
    lines = shown(explanation).splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("third party"))
    ends = {len(line.rstrip()) for line in lines[start + 2 : start + 8]}
    assert len(ends) == 1


def test_drives_fit_and_several_fits_are_readable(explanation: Explanation, drives: Drives) -> None:
    one = explanation.fit
    for text in (
        shown(drives),
        shown(one),
        shown(Fits((one, one))),
    ):
        assert fits_80(text)
        assert "How to repeat it" in text


def test_the_ladder_is_a_line_a_rung_before_the_third_parties(climbed: Explanation) -> None:
    text = shown(climbed)
    assert fits_80(text)
    order = ["Was there a rise", "The ladder: shared_threat", "1 rate", "2 + covariates", "4 within-pair"]
    order += ["6 sensitivity", "third party  ", "Beside it", "Keep in mind"]
    at = [text.index(x) for x in order]
    assert at == sorted(at)
    assert re.search(r"1 rate +-0\.200 \(-0\.300 to -0\.100\), n = 900", text)
    assert re.search(r"2 \+ covariates +not available: No covariates", text)
    assert re.search(r"without inertia +0\.250 \(0\.125\)", text)
    assert "inertia.coop" not in text[text.index("Beside it") : text.index("Keep in mind")]


def test_long_sentences_of_the_ladder_are_wrapped(climbed: Explanation) -> None:
    ladder = tuple(replace(r, text=NASTY * 3) for r in climbed.fit.ladder)
    for width in (80, 200):
        text = shown(replace(climbed.fit, ladder=ladder), width)
        assert fits_80(text)
        assert "\x1b" not in text


def test_a_fit_within_pairs_shows_all_terms_beside(climbed: Explanation) -> None:
    text = shown(climbed.fit)
    assert fits_80(text)
    assert "within pairs over time (within-pair model)" in text
    assert "12 periods of 1mo" in " ".join(text.split())
    assert re.search(r"inertia\.coop +0\.500 +n/a +0\.400 \(0\.100\)", text)
    assert "never interpreted within pairs" in text
    assert "The ladder: shared_threat" in text
    assert "\n\n\n" not in text


def test_a_fit_of_signs_is_about_log_odds(explanation: Explanation) -> None:
    text = " ".join(shown(replace(explanation.fit, model="sign")).split())
    assert "What goes with cooperation rather than hostility, given that two interact (sign model)" in text
    assert "log odds of cooperation, given that one acts on the other" in text
    assert "log rate" not in text


def test_whom_a_third_party_drives_shows_the_ladder_too(drives: Drives, climbed: Explanation) -> None:
    text = shown(replace(drives, fit=climbed.fit))
    assert fits_80(text)
    assert "The ladder: shared_threat" in text
    assert re.search(r"shared_threat, .* here, estimated in other ways", " ".join(text.split()))


def test_a_table_for_a_file_stands_alone(explanation: Explanation, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(rows_of(explanation.fit), "csv")
    text = capsys.readouterr().out
    assert text == explanation.fit.to_csv()
    assert text.startswith("term,estimate,")
    assert len(text.splitlines()) == 1 + len(explanation.fit.coefficients)


def test_data_are_described_in_80_columns(frame: object) -> None:
    with pytest.warns(TertiusWarning):
        data = tertius.load(frame)
    rows = events_between("A00", "A01", data, None, None, 10)
    for found in (
        Described(data.describe()),
        RowsBehind(rows),
        Audited(data.audits[0]),
        Kept(
            {
                "store": "S",
                "snapshots": [
                    {"snapshot": "0" * 16, "imported": "2026-01-01T00:00:00+00:00", "added": 10**9, "rows": 10**12}
                ],
                "pruned": {"snapshots": ["1" * 16] * 99, "files": []},
            }
        ),
        CodesFound(find_codes("Korea")),
        CodesFound(find_codes("plover")),
        CodesFound(find_codes("NATO")),
    ):
        assert fits_80(shown(found))
        assert len(shown(found).splitlines()) > 5
    long = {**rows["events"][0], "source": NASTY, "sentence": NASTY * 3, "origin": "x" * 200}
    text = shown(RowsBehind({**rows, "events": [long]}))
    assert fits_80(text)
    assert "\x1b" not in text


def test_output_to_a_file_has_no_colour_codes(
    explanation: Explanation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    terminal.show(terminal.console(), document_of(explanation))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert fits_80(out)


def test_the_command_stays_one_command() -> None:
    command = shlex.join(
        ["tertius", "explain", "A B", "it's", "/a/long/path" * 9, "--effects", "a,b,c", "--slice", "1d"]
    )
    lines = command_lines(command, 40)
    assert len(lines) > 1
    assert shlex.split(" ".join(line.removesuffix("\\") for line in lines)) == shlex.split(command)
    assert all(line.endswith(" \\") for line in lines[:-1])


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_how_well_it_fits_and_wrong_codings_stand_below_the_terms(frame: object, explanation: Explanation) -> None:
    text = shown(explanation.fit)
    assert "How well it fits" in text
    assert fits_80(text)
    assert "How well it fits" not in shown(replace(explanation.fit, adequacy=None))
    asked = tertius.fit(frame, slice="1d", effects="inertia.coop,shared_threat", adequacy="none", miscoding="foe")
    text = shown(asked)
    assert fits_80(text)
    for said in ("Wrong codings: shared_threat", "20 % turned", "In the worst case"):
        assert said in " ".join(text.split())


def test_no_table_of_zeros_is_called_the_largest(explanation: Explanation) -> None:
    a = explanation.attribution
    still = tuple(replace(t, events=0.0, events_low=0.0, events_high=0.0) for t in a.third_parties)
    nobody = replace(explanation, attribution=replace(a, third_parties=still, shared_target=still))
    text = shown(nobody)
    assert "every part is zero" in text
    assert "largest of" not in text
    assert "shared target" not in text
    assert "third-parties" not in tertius.charts_of(nobody)


def test_a_part_above_all_together_says_why(explanation: Explanation) -> None:
    a = explanation.attribution
    base, rest = a.third_parties[0], a.third_parties[1:]
    parts = (replace(base, events=9.0), *(replace(t, events=-2.0 if k < 2 else 0.0) for k, t in enumerate(rest)))
    above = replace(explanation, attribution=replace(a, third_parties=parts, total=replace(a.total, events=5.0)))
    text = " ".join(shown(above).split())
    assert "exceeds all together because 2 other parts lie below zero, -4.00 in sum" in text
    within = replace(explanation, attribution=replace(a, third_parties=parts, total=replace(a.total, events=9.5)))
    assert "exceeds all together" not in shown(within)

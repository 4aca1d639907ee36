"""All pairs against the answers for single pairs; what is wanted of them; refusals before the fit; a null world."""

from __future__ import annotations

import io
import json
import math
import warnings
from importlib import import_module
from typing import Any

import pyarrow.parquet as parquet
import pytest

import tertius
from tertius import Study
from tertius.answers.overview import COLUMNS, RISEN
from tertius.errors import TertiusWarning, UnknownActor, UsageError
from tertius.plain import plain
from tertius.study import compare, pairs
from tertius.study.pairs import pair_of
from tertius.worlds import world

QUICK: dict[str, Any] = {
    "model": "rate", "effects": "inertia,shared_threat", "slice": "1mo", "half_life": "2y",
}  # fmt: skip


def test_every_entry_is_what_explain_says_of_the_pair(study: Study) -> None:
    found = study.pairs()
    assert len(found.pairs) == found.n_pairs == 14 * 13 // 2
    for entry in found.pairs[::7]:
        alone = study.explain(*entry.pair, permutations=0)
        a = alone.attribution
        assert (entry.observed, entry.expected) == pytest.approx((a.observed, a.expected), rel=1e-9)
        rise = (entry.rise.ratio, entry.rise.low, entry.rise.high)
        assert rise == pytest.approx((a.rise.ratio, a.rise.low, a.rise.high), rel=1e-9, nan_ok=True)
        assert alone.certificate is not None
        assert alone.certificate.pair is not None
        assert entry.condition is not None
        assert entry.condition.text == alone.certificate.pair.text
        assert entry.verdict == alone.verdict
        first = a.third_parties[:3]
        assert [t.events for t in entry.third_parties] == pytest.approx([t.events for t in first], rel=1e-9)


def test_the_clearest_rise_stands_first_and_what_has_no_p_last(study: Study) -> None:
    entries = study.pairs().pairs
    known = [e for e in entries if not math.isnan(e.rise.p)]
    assert entries[: len(known)] == tuple(known)
    rises = [e.rise.p for e in known if e.rise.ratio > 1]
    assert [e.rise.ratio > 1 for e in known] == [True] * len(rises) + [False] * (len(known) - len(rises))
    assert rises == sorted(rises)
    falls = [e.rise.p for e in known[len(rises) :]]
    assert falls == sorted(falls, reverse=True)
    assert len(falls) > 0 < len(rises)


def test_the_wanted_are_chosen_from_all(study: Study) -> None:
    every = study.pairs()
    actor = study.slices.actors[2]
    own = study.pairs(actor=actor)
    assert repr(own.pairs) == repr(tuple(e for e in every.pairs if actor in e.pair))
    assert len(own.pairs) == 13
    assert repr(study.pairs(top=4).pairs) == repr(every.pairs[:4])
    rose = study.pairs(rose=True)
    assert rose.pairs == tuple(e for e in every.pairs if e.rise.ratio > 1 and e.rise.p_adjusted < RISEN)
    assert (rose.n_pairs, rose.n_tested, rose.n_risen) == (every.n_pairs, every.n_tested, len(rose.pairs))
    assert "--top 4" in study.pairs(top=4).command
    assert f"--actor {actor} --rose" in study.pairs(actor=actor, rose=True).command


def test_pairs_side_by_side_are_those_of_all(study: Study) -> None:
    a, b, c = study.slices.actors[:3]
    found = study.compare([(c, a), f"{b}-{c}"])
    of_all = {frozenset(e.pair): e for e in study.pairs().pairs}
    assert [e.pair for e in found.pairs] == [(c, a), (b, c)]
    assert repr([e.rise for e in found.pairs]) == repr([of_all[frozenset(e.pair)].rise for e in found.pairs])
    assert f"compare {c}-{a} {b}-{c} " in found.command
    assert "Pairs side by side" in found.summary()


def test_a_result_has_its_document_table_line_and_text(study: Study) -> None:
    found = study.pairs(top=5)
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert set(document["pairs"][0]) == {
        "pair", "observed", "expected", "rise", "third_parties", "pair_condition", "verdict", "bound",
    }  # fmt: skip
    assert {"ratio", "low", "high", "p_adjusted"} <= set(document["pairs"][0]["rise"])
    assert set(document["pairs"][0]["third_parties"][0]) == {"actor", "events", "events_low", "events_high"}
    assert {"passed", "text"} <= set(document["pairs"][0]["pair_condition"])
    assert {"window", "reference", "unit", "model", "command", "text", "caveats", "certificate"} <= set(document)
    table = found.table("pyarrow")
    assert tuple(table.column_names) == COLUMNS
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    sink.seek(0)
    assert parquet.read_table(sink).to_pylist() == [plain(e.row()) for e in found.pairs]
    assert max(map(len, found.summary().splitlines())) <= 80
    assert f"Of {found.n_pairs} pairs, {found.n_tested} have a p" in found.text
    assert "Benjamini-Hochberg" in found.text
    assert repr(found).startswith(f"<Pairs: 5 of {found.n_pairs}")
    assert found.pairs[0].pair[0] in found._repr_html_()


def test_where_the_certificate_is_refused_it_says_so() -> None:
    found = pairs("chronicle", top=2, **QUICK)
    alone = tertius.explain("RUS", "PRK", "chronicle", permutations=0, **QUICK)
    assert found.certificate is None
    assert found.refused == alone.judgement.refused != ""
    assert found.to_dict()["pairs"][0]["pair_condition"] == {"passed": None, "text": found.refused}
    assert [e.verdict for e in compare(["Russia-PRK"], "chronicle", **QUICK).pairs] == [alone.verdict]
    assert found.refused in found.summary().replace("\n", " ").replace("  ", " ")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"actor": "Nobody at all"}, UnknownActor),
        ({"actor": "Fiji"}, UnknownActor),
        ({"top": 0}, UsageError),
        ({"window": ("1950-01-01", "1950-02-01")}, UsageError),
        ({"effects": "inertia"}, UsageError),
        ({"model": "sign"}, UsageError),
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_fit(
    asked: dict[str, Any], error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("tertius.study.fit"), "estimate", lambda *_, **__: pytest.fail("fitted"))
    with pytest.raises(error):
        pairs("chronicle", **{**QUICK, **asked})
    if "actor" not in asked and "top" not in asked:
        with pytest.raises(error):
            compare(["RUS-PRK"], "chronicle", **{**QUICK, **asked})
    for wrong in (["RUS"], ["RUS-RUS"], ["RUS-Nobody"], []):
        with pytest.raises(UsageError):
            compare(wrong, "chronicle", **QUICK)


def test_actors_with_hyphens_make_pairs_too() -> None:
    labels = frozenset({"A-1", "B", "C-2-x"})
    assert pair_of("A-1-B", labels, "here") == ("A-1", "B")
    assert pair_of("A-1-C-2-x", labels, "here") == ("A-1", "C-2-x")
    assert pair_of(("B", "A-1"), labels, "here") == ("B", "A-1")


def test_in_a_null_world_hardly_any_pair_is_called_risen() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TertiusWarning)
        events = tertius.load(world("nothing", n_actors=20, n_periods=48, seed=2).to_frame())
    found = Study.open(events, model="within", adequacy="none").pairs()
    assert found.n_tested > 100
    assert found.n_risen <= 0.05 * found.n_pairs

"""All pairs of a fit, or some side by side: which rose, on whom it hangs, and what the rule says of each.

The figures are :mod:`~tertius.answers.every_pair`'s, condition 6 is the certificate's. A verdict is the one that
``tertius explain`` gives the pair when it is asked alone; what is adjusted for how many pairs were looked at is the p
of the rise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from math import isnan
from typing import Any

from tertius.answers.certificate import Certificate, Statistic, verdict
from tertius.answers.every_pair import EveryPair
from tertius.answers.explanation import bound_of
from tertius.language import joined, say
from tertius.model.result import FitResult
from tertius.plain import frame, number, plain

RISEN = 0.05
"""Adjusted p below which a pair is called risen."""
ADJUSTMENT = say("Benjamini-Hochberg")
COLUMNS = (
    "a", "b", "observed", "expected", "ratio", "low", "high", "p", "p_adjusted", "risen",
    *(f"third_{n}{of}" for n in (1, 2, 3) for of in ("", "_events", "_events_low", "_events_high")),
    "condition", "verdict",
)  # fmt: skip
"""Of a table of pairs."""
SHOWN = 20
"""Pairs that the terminal and a notebook show."""


@dataclass(frozen=True, slots=True)
class RiseOfPair:
    """Window over reference, per observed day, with 95 % interval; p two-sided, adjusted over all pairs that have one.

    NaN where there was no outcome in the reference (the p: in either)."""

    ratio: float
    low: float
    high: float
    p: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Part:
    """A third party's part in the outcome, with 95 % interval, in its unit."""

    actor: str
    events: float
    events_low: float
    events_high: float


@dataclass(frozen=True, slots=True)
class PairEntry:
    """One pair.

    Attributes
    ----------
    pair : the two actors.
    observed, expected : outcome in the window.
    rise : the first question.
    third_parties : the three with the largest parts, largest first.
    condition : condition 6 of the certificate; None where it was not run.
    verdict : in the words of the contract.
    bound : of the verdict ``no effect above``: value and unit of the largest effect left possible; else None.
    """

    pair: tuple[str, str]
    observed: float
    expected: float
    rise: RiseOfPair
    third_parties: tuple[Part, ...]
    condition: Statistic | None
    verdict: str
    bound: Mapping[str, Any] | None = None

    @property
    def words(self) -> str:
        """The verdict as it is read: ``no effect above`` says above what."""
        return (
            self.verdict
            if self.bound is None
            else say("{verdict} {value:.1f} %", verdict=self.verdict, value=self.bound["value"])
        )

    @property
    def risen(self) -> bool:
        """Whether it rose, after adjusting for how many pairs were looked at."""
        return self.rise.ratio > 1 and self.rise.p_adjusted < RISEN

    @property
    def rank(self) -> tuple[bool, bool, float, float]:
        """Rises first, the clearest first; then falls, the clearest last; then pairs without a p."""
        up, p = self.rise.ratio > 1, self.rise.p
        return isnan(p), not up, p if up else -p, -self.expected

    def to_dict(self, refused: str = "") -> dict[str, Any]:
        """As in the JSON of ``tertius pairs``; ``refused`` says why there is no condition."""
        c = self.condition
        condition = {"passed": None, "text": refused} if c is None else c.to_dict()
        return {
            "pair": list(self.pair),
            "observed": self.observed,
            "expected": self.expected,
            "rise": {**asdict(self.rise), "risen": self.risen},
            "third_parties": [asdict(t) for t in self.third_parties],
            "pair_condition": condition,
            "verdict": self.verdict,
            "bound": None if self.bound is None else dict(self.bound),
        }

    def row(self) -> dict[str, Any]:
        """As a row of a table: one column a figure."""
        found: dict[str, Any] = {"a": self.pair[0], "b": self.pair[1]}
        found |= {"observed": self.observed, "expected": self.expected, **asdict(self.rise), "risen": self.risen}
        for n in range(3):
            part = asdict(self.third_parties[n]) if n < len(self.third_parties) else dict.fromkeys(Part.__slots__)
            found |= {f"third_{n + 1}": part.pop("actor")} | {f"third_{n + 1}_{k}": v for k, v in part.items()}
        return found | {"condition": None if self.condition is None else self.condition.passed, "verdict": self.verdict}


ORDERS: Mapping[str, Callable[[PairEntry], float]] = {
    "rise": lambda e: e.rise.ratio,
    "observed": lambda e: e.observed,
    "expected": lambda e: e.expected,
}
"""Figures by which pairs are sorted."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs, or some.

    Attributes
    ----------
    pairs : the entries: rises first, by p; or in the order asked for.
    window, reference : days compared.
    outcome, unit : what is explained.
    n_pairs, n_tested, n_risen : of all pairs: how many there are, have a p, and rose.
    certificate : conditions 1 to 5, the same for every pair; None where it was not run.
    refused : why it was not.
    fit : the model behind them.
    caveats, text, command : as of any answer.
    side_by_side : whether the pairs were named.
    """

    pairs: tuple[PairEntry, ...]
    window: tuple[str, str]
    reference: tuple[str, str]
    outcome: str
    unit: str
    n_pairs: int
    n_tested: int
    n_risen: int
    certificate: Certificate | None
    refused: str
    fit: FitResult
    caveats: tuple[str, ...]
    text: str
    command: str
    side_by_side: bool = False

    def chosen(
        self, *, actor: str | None = None, rose: bool = False, top: int | None = None, sort: str | None = None
    ) -> Pairs:
        """Those of an actor, those that rose, ``top`` at most, in the order of :data:`tertius.spec.SORTS`: the clearest
        rise first, the largest figure, or by name. What is no number stands last."""
        some = [e for e in self.pairs if (actor is None or actor in e.pair) and (e.risen or not rose)]
        if sort == "names":
            some.sort(key=lambda e: e.pair)
        elif sort is not None and sort in ORDERS:
            some.sort(key=lambda e: (isnan(x := ORDERS[sort](e)), -x))
        return replace(self, pairs=tuple(some[:top]))

    def named(self, pairs: Iterable[tuple[str, str]]) -> Pairs:
        """Those named, in their order."""
        entries = {frozenset(e.pair): e for e in self.pairs}
        some = tuple(replace(entries[frozenset(p)], pair=p) for p in pairs)
        return replace(self, pairs=some, side_by_side=True)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius pairs --json`` and ``tertius compare --json``."""
        document = {
            "pairs": [e.to_dict(self.refused) for e in self.pairs],
            "window": list(self.window),
            "reference": list(self.reference),
            "outcome": self.outcome,
            "unit": self.unit,
            "model": self.fit.model,
            "n_pairs": self.n_pairs,
            "n_tested": self.n_tested,
            "n_risen": self.n_risen,
            "adjustment": ADJUSTMENT,
            "certificate": None if self.certificate is None else self.certificate.to_dict(),
            "fit": self.fit.to_dict(),
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }
        cleaned = plain(document)
        assert isinstance(cleaned, dict)
        return cleaned

    def summary(self) -> str:
        """What the terminal shows: plain text of at most 80 columns."""
        from tertius.report.pages import summary

        return summary(self)

    def table(self, backend: str | None = None) -> Any:
        """One row a pair, as a data frame of pandas, polars or pyarrow.

        ``pyarrow.parquet.write_table(pairs.table("pyarrow"), "pairs.parquet")`` keeps it.
        """
        return frame([plain(e.row()) for e in self.pairs], backend)

    def __repr__(self) -> str:
        return (
            f"<Pairs: {len(self.pairs):,} of {self.n_pairs:,}; {self.n_risen:,} of {self.n_tested:,} with a p rose, "
            f"{' to '.join(self.window)}>"
        )

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(', '.join(e.pair))}</td><td>{number(e.rise.ratio)}</td>"
            f"<td>{number(e.rise.p_adjusted)}</td><td>{number(e.observed)}</td><td>{number(e.expected)}</td>"
            f"<td>{escape(e.verdict)}</td></tr>"
            for e in self.pairs[:SHOWN]
        )
        return (
            f"<p>{escape(self.text)}</p><table><thead><tr><th>pair</th><th>rise</th><th>adjusted p</th>"
            f"<th>observed</th><th>expected</th><th>verdict</th></tr></thead><tbody>{rows}</tbody></table>"
        )


def entries(
    found: EveryPair,
    actors: tuple[str, ...],
    certificate: Certificate | None,
    conditions: Mapping[frozenset[str], Statistic],
    thin: bool,
) -> tuple[PairEntry, ...]:
    """The entries of all pairs, the clearest rise first.

    ``conditions`` : condition 6 by pair, where there is a certificate; ``thin`` : whether the data are too few for one.
    """
    made = []
    for at, (i, j) in enumerate(zip(found.i.tolist(), found.j.tolist(), strict=True)):
        pair, r = (actors[i], actors[j]), found.rises
        rise = RiseOfPair(*(float(x[at]) for x in (r.ratio, r.low, r.high, found.p, found.p_adjusted)))
        shown = None if isnan(rise.low) else rise.low > 1
        condition = conditions.get(frozenset(pair))
        own = None if certificate is None or condition is None else certificate.with_pair(condition)
        parts = zip(found.third[at], found.events[at], found.events_low[at], found.events_high[at], strict=True)
        made.append(
            PairEntry(
                pair,
                float(found.observed[at]),
                float(found.expected[at]),
                rise,
                tuple(Part(actors[k], float(e), float(low), float(high)) for k, e, low, high in parts),
                condition,
                (said := verdict(own, shown, thin if own is None else None)),
                bound_of(said, own),
            )
        )
    return tuple(sorted(made, key=lambda e: e.rank))


def overview_text(made: tuple[PairEntry, ...], outcome: str, certificate: Certificate | None, refused: str) -> str:
    """How many rose, of how many, by which adjustment; what the certificate says of all; the verdicts."""
    tested = sum(not isnan(e.rise.p) for e in made)
    risen = sum(e.risen for e in made)
    said = [
        say(
            "Of {made:,} pairs, {tested:,} have a p of their rise, and in {risen:,} of these {outcome} rose: p below "
            "{risen2:g} by {adjustment}, adjusted over all {tested:,}. That keeps falsely called pairs at {risen3:g} "
            "% of the called on average where the p are right; they are too small where pairs drift for longer than a "
            "block of the bootstrap.",
            made=len(made),
            tested=tested,
            risen=risen,
            outcome=outcome,
            risen2=RISEN,
            adjustment=ADJUSTMENT,
            risen3=100 * RISEN,
        )
    ]
    if certificate is None:
        said.append(
            say("The certificate could not be run: {refused}", refused=refused)
            if refused
            else say("The certificate was not run.")
        )
    else:
        held = say(
            "{passed} of {general}",
            passed=sum(s.passed for s in certificate.general),
            general=len(certificate.general),
        )
        own = sum(e.condition is not None and e.condition.passed for e in made)
        said.append(
            say(
                "Of the certificate's general conditions, the same for every pair, {held} hold; condition 6 is the "
                "pair's own, and holds for {own:,}.",
                held=held,
                own=own,
            )
        )
    verdicts = joined(
        (say("{name}: {n:,}", name=name, n=n) for name, n in Counter(e.words for e in made).most_common()), "; "
    )
    said.append(say("Verdicts, each as tertius explain gives it, and how many pairs: {verdicts}.", verdicts=verdicts))
    return joined(said, " ")


def overview_caveats(fit: FitResult, note: str) -> tuple[str, ...]:
    """What the reader of many pairs must know."""
    said = [note] if note else []
    said.append(
        say(
            "Third parties' parts and verdicts are not adjusted for how many pairs were looked at: the pair that "
            "stands first stands there partly by luck."
        )
    )
    said.append(say("The largest parts say what goes together in the model, not what came first."))
    return (*said, *fit.warnings)

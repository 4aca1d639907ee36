"""The answer to "who drives i and j together?": table, text, caveats, verdict, as one frozen object.

The text is made here, from the figures, and says first whether there was a rise to explain. What the verdict may be is
the certificate's to say (:func:`tertius.answers.certificate.verdict`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tertius.answers.attribution import FAR_OUTSIDE as FAR
from tertius.answers.attribution import Attribution, ThirdParty
from tertius.answers.certificate import WORTH_FINDING, Certificate, Reverse, reverse_claim, verdict, verdict_text
from tertius.answers.certificate.rule import BOUND_UNIT, RULES
from tertius.answers.landmarks import Landmark
from tertius.answers.pairs import DrivenPair
from tertius.answers.verdict import CONSISTENT, MIXED, NO_EFFECT
from tertius.codes import actor_name
from tertius.language import Day, joined, known, plural, say
from tertius.model.result import FitResult
from tertius.plain import frame, number, plain
from tertius.spec import POWER

LEGS = {
    "min": say("the weaker of the two"),
    "sqrt": say("their geometric mean"),
    "product": say("their product"),
    "binary": say("whether both occur"),
}
DRIVES = {
    "cooperation": say("drives these two together"),
    "hostility": say("drives these two against each other"),
    "any": say("drives these two to deal with each other"),
}
UNSUPPORTED = say("not supported by these data")
FAILING = 2 / 3
"""Share of the conditions of the certificate's rule whose failure, without a rise of the pair's own, is no support."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict and what it rests on.

    Attributes
    ----------
    verdict : in the words of the contract.
    text : why, in a sentence.
    certificate, reverse : None where the certificate was not run.
    refused : why the certificate could not be run; empty where it was, or was not asked for.
    unsupported : whether the verdict is ``mixed`` although two thirds of the rule fail and nothing rose.
    """

    verdict: str
    text: str
    certificate: Certificate | None = None
    reverse: Reverse | None = None
    refused: str = ""
    unsupported: bool = False

    @property
    def words(self) -> str:
        """The verdict as it is read: ``mixed`` says in words where it means that nothing speaks for the claim, and ``no
        effect above`` says above what."""
        if self.bound is not None:
            return say("{verdict} {value:.1f} %", verdict=self.verdict, value=self.bound["value"])
        return (
            say("{verdict}: {unsupported}", verdict=self.verdict, unsupported=UNSUPPORTED)
            if self.unsupported
            else self.verdict
        )

    @property
    def bound(self) -> dict[str, Any] | None:
        """Of the verdict ``no effect above``: the largest effect that the data leave possible, and its unit."""
        return bound_of(self.verdict, self.certificate)


def bound_of(verdict: str, certificate: Certificate | None) -> dict[str, Any] | None:
    """Of the verdict ``no effect above``: value (in per cent) and unit of the bound; None for others."""
    if verdict != NO_EFFECT or certificate is None:
        return None
    return {"value": 100 * certificate.bound, "unit": BOUND_UNIT}


def judge(
    certificate: Certificate | None,
    fit: FitResult,
    answer: Attribution,
    *,
    refused: str = "",
    thin: bool = False,
) -> Judgement:
    """The verdict on "hostility of third parties drives the pair together".

    Parameters
    ----------
    certificate : None where it was not run, or refused.
    refused : why the certificate could not be run; empty where it was not asked for.
    thin : whether it was refused for want of data.
    """
    shown = answer.rise.shown
    if certificate is not None:
        found = verdict(certificate, shown)
        rule = [certificate.statistics[name] for name in RULES[certificate.rule]]
        failing = sum(not s.passed for s in rule)
        return Judgement(
            found,
            verdict_text(certificate, shown),
            certificate,
            reverse_claim(certificate),
            unsupported=found == MIXED and failing >= FAILING * len(rule) and shown is not True,
        )
    thin = thin or (not refused and too_thin(fit, answer.effect))
    said = (
        say("The certificate could not be run. {refused}", refused=refused)
        if refused
        else verdict_text(None, shown, thin)
    )
    return Judgement(verdict(None, shown, thin), said, refused=refused)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who drove the pair together, as far as the model can say.

    Attributes
    ----------
    pair : the two actors.
    unit : "events" or "weight".
    rung : number and name of the ladder's rung that the answer stands on.
    judgement : the verdict, why, the certificate and the reverse claim.
    attribution : the figures.
    fit : the model behind them.
    caveats : what the reader must know.
    text : the answer in sentences.
    events : the rows of the window, latest first (not in the JSON; see ``tertius events``).
    landmarks : the largest days, first of the window, then of the reference, then of other times (not in the JSON).
    sources : works and files that the data come from, with their DOI or nothing.
    data_name : what the data were called.
    note : what must be known of the data before any figure; empty: nothing.
    grain : what a row of the data stands for: "day", "month", or a length.
    by : the third party that was asked about, or ``@GROUP``; part : its part, or the sum of its members'.
    """

    pair: tuple[str, str]
    outcome: str
    unit: str
    rung: str
    judgement: Judgement
    attribution: Attribution
    fit: FitResult
    caveats: tuple[str, ...]
    text: str
    command: str
    events: tuple[dict[str, Any], ...]
    data_name: str
    by: str | None = None
    landmarks: tuple[Landmark, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    note: str = ""
    grain: str = "day"
    part: ThirdParty | None = None

    @property
    def verdict(self) -> str:
        """In the words of the contract."""
        return self.judgement.verdict

    @property
    def certificate(self) -> Certificate | None:
        """None where it was not run."""
        return self.judgement.certificate

    @property
    def reverse(self) -> Reverse | None:
        """The reverse claim; None where the certificate was not run."""
        return self.judgement.reverse

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius explain --json``."""
        a = self.attribution
        rise = a.rise
        document = {
            "pair": list(self.pair),
            "window": list(rise.window),
            "reference": list(rise.reference),
            "outcome": self.outcome,
            "unit": self.unit,
            "model": self.fit.model,
            "rung": self.rung,
            "verdict": self.verdict,
            "verdict_words": self.judgement.words,
            "bound": self.judgement.bound,
            "verdict_text": self.judgement.text,
            "effect": a.effect,
            "by": self.by,
            "part": None if self.part is None else asdict(self.part),
            "observed": a.observed,
            "expected": a.expected,
            "third_parties": [asdict(t) for t in a.third_parties],
            "unattributed": a.unattributed,
            "total": asdict(a.total),
            "rise": asdict(rise),
            "shared_target": [asdict(t) for t in a.shared_target],
            "path": [asdict(p) for p in a.path],
            "first_by_legs": dict(a.first_by_legs),
            "pressure_method": a.pressure_method,
            "certificate": self.certificate.to_dict() if self.certificate else None,
            "reverse": self.reverse.to_dict() if self.reverse else None,
            "ladder": [rung.to_dict() for rung in self.fit.ladder],
            "fit": self.fit.to_dict(),
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }
        cleaned = plain(document)
        assert isinstance(cleaned, dict)
        return cleaned

    def summary(self) -> str:
        """What ``tertius explain`` prints: plain text of at most 80 columns."""
        from tertius.report.pages import summary

        return summary(self)

    def __repr__(self) -> str:
        a, days = self.attribution, " to ".join(self.attribution.rise.window)
        return (
            f"<Explanation {' and '.join(self.pair)}: {self.verdict}; {number(a.observed)} {self.unit} observed and "
            f"{number(a.expected)} expected, {days}; {len(a.third_parties):,} third parties>"
        )

    def table(self, backend: str | None = None) -> Any:
        """Third parties as a data frame of pandas, polars or pyarrow, largest first."""
        return frame([plain(asdict(t)) for t in self.attribution.third_parties], backend)

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(actor_name(t.actor))}</td><td>{number(t.events)}</td>"
            f"<td>{number(t.events_low)} to {number(t.events_high)}</td></tr>"
            for t in self.attribution.third_parties[:10]
            if t.events != 0
        )
        return (
            f"<p><b>{escape(' and '.join(map(actor_name, self.pair)))}: {escape(self.verdict)}.</b> "
            f"{escape(self.text)}</p>"
            f"<table><thead><tr><th>third party</th><th>{self.unit}</th><th>95 % interval</th></tr></thead>"
            f"<tbody>{rows}</tbody></table><ul>{''.join(f'<li>{escape(c)}</li>' for c in self.caveats)}</ul>"
        )


@dataclass(frozen=True, slots=True)
class Drives:
    """Whom a third party drives together: pairs by what hangs on its hostility, in the unit of the outcome."""

    by: str
    window: tuple[str, str]
    reference: tuple[str, str]
    outcome: str
    unit: str
    effect: str
    pairs: tuple[DrivenPair, ...]
    verdict: str
    fit: FitResult
    caveats: tuple[str, ...]
    text: str
    command: str

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius explain --by K --json``."""
        document = {
            "by": self.by,
            "window": list(self.window),
            "reference": list(self.reference),
            "outcome": self.outcome,
            "unit": self.unit,
            "effect": self.effect,
            "pairs": [asdict(p) for p in self.pairs],
            "verdict": self.verdict,
            "certificate": None,
            "fit": self.fit.to_dict(),
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }
        cleaned = plain(document)
        assert isinstance(cleaned, dict)
        return cleaned

    def summary(self) -> str:
        """What ``tertius explain --by K`` prints: plain text of at most 80 columns."""
        from tertius.report.pages import summary

        return summary(self)

    def __repr__(self) -> str:
        return f"<Drives by {self.by}: {self.verdict}; {len(self.pairs):,} pairs, {' to '.join(self.window)}>"

    def table(self, backend: str | None = None) -> Any:
        """Pairs as a data frame, largest first."""
        return frame([plain(asdict(p)) for p in self.pairs], backend)

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(p.a)}, {escape(p.b)}</td><td>{number(p.events)}</td>"
            f"<td>{number(p.events_low)} to {number(p.events_high)}</td></tr>"
            for p in self.pairs[:10]
        )
        return (
            f"<p><b>{escape(self.by)}: {escape(self.verdict)}.</b> {escape(self.text)}</p>"
            f"<table><thead><tr><th>pair</th><th>{self.unit}</th><th>95 % interval</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def too_thin(fit: FitResult, effect: str) -> bool:
    """Whether the within-pair model would too often miss an effect worth finding: 10 % per within-pair standard
    deviation, found (two-sided, 5 %) in fewer than four of five samples, is less than 2.8 standard errors."""
    c = fit.coefficient(effect)
    se = c.se_jackknife if c.se_jackknife == c.se_jackknife else c.se_dyadic
    return fit.model == "within" and not POWER * se * c.sd <= WORTH_FINDING


def _beside(fit: FitResult, effect: str) -> list[str]:
    """What stands beside the foe effect's estimate in the within-pair model."""
    said = []
    for alternative in fit.alternatives:
        for line in alternative.coefficients:
            if line.term == effect:
                error = (
                    say(" (se {se_jackknife})", se_jackknife=number(line.se_jackknife))
                    if line.se_jackknife == line.se_jackknife
                    else ""
                )
                said.append(
                    say("{name} {estimate}{error}", name=alternative.name, estimate=number(line.estimate), error=error)
                )
    if not said:
        return []
    c = fit.coefficient(effect)
    return [
        say(
            "{effect} is {estimate} (se {se_jackknife}); beside it: {join}.",
            effect=effect,
            estimate=number(c.estimate),
            se_jackknife=number(c.se_jackknife),
            join=joined(said, "; "),
        )
    ]


def compose_text(
    pair: tuple[str, str], unit: str, outcome: str, fit: FitResult, a: Attribution, judgement: Judgement
) -> str:
    """The answer in sentences: the rise, the verdict, the effect, the third parties, and what is missing."""
    one, other = (actor_name(x) for x in pair)
    said = [
        _rise_text(one, other, unit, outcome, a),
        say("Verdict: {words}. {text}", words=judgement.words, text=judgement.text),
    ]
    return joined([*said, *_effect_text(one, other, unit, outcome, fit, a, judgement)], " ")


def _rise_text(one: str, other: str, unit: str, outcome: str, a: Attribution) -> str:
    r = a.rise
    spans = say(
        "{first} to {last} against {first2} to {last2}",
        first=Day(r.window[0]),
        last=Day(r.window[1]),
        first2=Day(r.reference[0]),
        last2=Day(r.reference[1]),
    )
    if r.ratio != r.ratio:
        if r.window_rate > 0:
            return say(
                "There was {outcome} between {one} and {other} in the window but none in the reference ({spans}): a "
                "rise without a ratio.",
                outcome=outcome,
                one=one,
                other=other,
                spans=spans,
            )
        return say(
            "There was no {outcome} between {one} and {other} in the window ({spans}): nothing to explain.",
            outcome=outcome,
            one=one,
            other=other,
            spans=spans,
        )
    rates = say(
        "{window_rate} against {reference_rate} {unit} per observed day",
        window_rate=number(r.window_rate),
        reference_rate=number(r.reference_rate),
        unit=unit,
    )
    times = say("{rates}, {ratio} times the reference rate", rates=rates, ratio=number(r.ratio))
    if r.low == r.low:
        high = number(r.high) if r.high == r.high and r.high != float("inf") else say("unbounded")
        times += say(" (95 % interval {low} to {high})", low=number(r.low), high=high)
    if r.shown:
        verdict = say("it rose")
    elif r.high < 1:
        verdict = say("it fell, so that there is no rise to explain")
    elif r.low == r.low:
        verdict = say("no clear rise, so that there may be nothing to explain")
    else:
        verdict = say("too little to say whether it rose")
    return say(
        "{outcome} between {one} and {other}, {spans}: {times}; {verdict}.",
        outcome=outcome.capitalize(),
        one=one,
        other=other,
        spans=spans,
        times=times,
        verdict=verdict,
    )


def _effect_text(
    one: str, other: str, unit: str, outcome: str, fit: FitResult, a: Attribution, judgement: Judgement
) -> list[str]:
    c = fit.coefficient(a.effect)
    what = (
        say("being threatened by the same third parties")
        if fit.directed
        else say("conflict with the same third parties")
    )
    clear = c.ci_low > 0 or c.ci_high < 0
    scope = (
        say("Across all pairs")
        if fit.model == "rate"
        else say("Within pairs, net of all that each state does in each period")
    )
    direction = say("more") if c.estimate > 0 else say("less")
    said = [
        say(
            "{scope}, {what} goes with {direction} {outcome}",
            scope=scope,
            what=what,
            direction=direction,
            outcome=outcome,
        )
        + (" " if clear else say(", but not clearly "))
        + say(
            "({estimate_sd:+.3f} log points per standard deviation, 95 % interval {ci_low:+.3f} to {ci_high:+.3f}).",
            estimate_sd=c.estimate_sd,
            ci_low=c.ci_low * c.sd,
            ci_high=c.ci_high * c.sd,
        )
    ]
    first = a.third_parties[0]
    name = actor_name(first.actor)
    of = say("of {expected} {unit} expected in the window", expected=number(a.expected), unit=unit)
    together = say(
        "all third parties together {events} ({low} to {high})",
        events=number(a.total.events),
        low=number(a.total.low),
        high=number(a.total.high),
    )
    part = say(
        "{events} ({events_low} to {events_high})",
        events=number(first.events),
        events_low=number(first.events_low),
        events_high=number(first.events_high),
    )
    whose = say("hostility towards both") if fit.directed else say("conflict with both")
    if not clear:
        said.append(
            say(
                "So no third party's part can be told from zero: {of}, the largest is {name}'s with {part}; "
                "{together}.",
                of=of,
                name=name,
                part=part,
                together=together,
            )
        )
    elif c.estimate < 0:
        said.append(
            say(
                "So nothing here says that a third party's {whose} {drives}; changes in it go with {outcome} in the "
                "other direction: {of}, {together}.",
                whose=whose,
                drives=DRIVES[outcome],
                outcome=outcome,
                of=of,
                together=together,
            )
        )
    elif first.events > 0:
        said.append(
            say(
                "{of}, {part} hang on {name}'s changed {whose}, the most of any; {together}.",
                of=of.capitalize(),
                part=part,
                name=name,
                whose=whose,
                together=together,
            )
        )
    else:
        said.append(say("But no third party's {whose} grew: {of}, {together}.", whose=whose, of=of, together=together))
    if note := total_note(a):
        said.append(note)
    rung = say("rung 1 of the ladder, rate") if fit.model == "rate" else say("rung 4 of the ladder, within-pair")
    if judgement.verdict == CONSISTENT:
        said.append(say("This is {rung}.", rung=rung))
    else:
        said.append(say("This is {rung}: it says what goes together, not what came first.", rung=rung))
    return said


def total_note(a: Attribution) -> str:
    """Why one part exceeds all together, where one does: other parts lie below zero. Empty elsewhere."""
    first = max(a.third_parties, key=lambda t: t.events, default=None)
    if first is None or first.events <= max(a.total.events, 0.0):
        return ""
    below = [t.events for t in a.third_parties if t.events < 0]
    if not below:
        return say("Parts need not add up to all together: each is taken with every other third party as it was.")
    return plural(
        "The largest part ({actor}) exceeds all together because {n} other part lies below zero, {sum} in sum.",
        "The largest part ({actor}) exceeds all together because {n} other parts lie below zero, {sum} in sum.",
        len(below),
        actor=actor_name(first.actor),
        sum=number(sum(below)),
    )


def caveats(fit: FitResult, a: Attribution, judgement: Judgement, *, note: str) -> tuple[str, ...]:
    """What the reader must know, most important first; ``note``: of the data, empty for nothing."""
    said = [note] if note else []
    if judgement.verdict == CONSISTENT:
        said.append(
            say("Consistent with the claim is not proof of it: a slow common cause would pass the certificate too.")
        )
    elif judgement.certificate is None:
        said.append(
            say(
                "Not certified: hostility and cooperation may move at once, or cooperation first. {text}",
                text=judgement.text,
            )
        )
    else:
        said.append(say("The certificate does not bear the claim out. {text}", text=judgement.text))
    if a.rise.shown is not True:
        said.append(say("There is no clear rise to explain."))
    said += [*how_to_read(fit, a), *_beside(fit, a.effect)]
    return (*said, *(w for w in fit.warnings if w not in said))


def how_to_read(fit: FitResult, a: Attribution) -> list[str]:
    """What the reader of the figures must know, whatever the verdict and beside the model's own warnings."""
    said = []
    if fit.model == "rate":
        said.append(say("The rate model also rewards busy states and old friends: rung 1 of the ladder."))
    if not fit.directed:
        said.append(
            say("Read 'in conflict with both', not 'hostile to both'; cooperation and hostility of one day cancel.")
        )
    if not a.total.excludes_zero:
        said.append(say("The interval of the total contains zero: shares of the pressure are not given."))
    firsts = {k: v for k, v in a.first_by_legs.items() if v}
    if len(set(firsts.values())) > 1:
        listed = joined((say("{v} by {legs}", v=actor_name(v), legs=LEGS[k]) for k, v in firsts.items()), ", ")
        said.append(
            say(
                "Who ranks first in the change of pressure depends on how a third party's hostility with the one "
                "and with the other are combined (--legs): {listed}.",
                listed=listed,
            )
        )
    if a.farthest > FAR:
        said.append(
            say(
                "The pair's pressure lies up to {farthest:.1f} within-pair standard deviations from the reference: an "
                "extrapolation.",
                farthest=a.farthest,
            )
        )
    if fit.response == "weight":
        said.append(say("Weights, not counts: the likelihood is a quasi-likelihood, and one large day can weigh much."))
    return said


def drives_text(third: str, unit: str, pairs: tuple[DrivenPair, ...], result: FitResult, effect: str) -> str:
    """The pair that hangs most on a third party, in a sentence."""
    if not pairs or pairs[0].events <= 0:
        return say(
            "No pair's {outcome} hangs on {third}'s changed hostility.",
            outcome=known(result.outcome),
            third=actor_name(third),
        )
    top = pairs[0]
    line = result.coefficient(effect)
    clear = line.ci_low > 0 or line.ci_high < 0
    doubt = "" if clear else say(" The coefficient is unclear: no pair can be told from zero.")
    model = say("within-pair") if result.model == "within" else known(result.model)
    return say(
        "In the {model} model, the pair whose {outcome} hangs most on {third}'s changed hostility is {a} and {b}: "
        "{events} {unit} ({events_low} to {events_high}) of {expected} expected.{doubt} Not "
        "certified: it says what goes together, not what came first.",
        model=model,
        outcome=known(result.outcome),
        third=actor_name(third),
        a=actor_name(top.a),
        b=actor_name(top.b),
        events=number(top.events),
        unit=unit,
        events_low=number(top.events_low),
        events_high=number(top.events_high),
        expected=number(top.expected),
        doubt=doubt,
    )


def drives_caveats(result: FitResult, note: str) -> tuple[str, ...]:
    """What the reader of a ranking of pairs must know; ``note``: of the data, empty for nothing."""
    said = [note] if note else []
    said.append(
        say(
            "Not certified: the certificate asks about one pair (tertius explain A B DATA --by K). The pairs were "
            "ranked after looking at all of them: the first is first partly by luck. Each figure is the part that "
            "tertius explain A B --by K gives with the same options; what it leaves out is whether the pair's "
            "outcome rose at all."
        )
    )
    return (*said, *result.warnings)

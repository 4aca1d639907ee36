"""The answer on a pair: lead, rise, what to keep in mind, what it cannot say, how to quote and to repeat it.

The first sentence a reader sees must not name a third party that the figures do not bear out. Where the certificate was
run, :func:`headline` names one only if it passed; and always only if the pair's outcome rose, the effect is above zero
and the third party's own interval is.
"""

from __future__ import annotations

from tertius.answers.explanation import Explanation, how_to_read
from tertius.answers.verdict import CONSISTENT, NOT_CERTIFIED, TOO_THIN
from tertius.plain import number
from tertius.report.document import Badge, Block, Command, Facts, Folded, Item, Items, Prose, Section
from tertius.report.words import (
    NOUN,
    both,
    each,
    in_text,
    interval,
    meaning,
    n_steps,
    named,
    scope,
    span,
    steps,
    unit,
)

UNSUPPORTED_MEANS = (
    "These data do not support the claim: most conditions of the certificate fail, and no clear rise is seen. They do "
    "not refute it either."
)
CANNOT_SAY = "What this cannot say"
CAVEATS = 3
TOGETHER = {"cooperation": "together", "hostility": "against each other", "any": "to deal with each other"}
CLAIM = {
    "cooperation": "{whose} drives {a} and {b} together",
    "hostility": "{whose} drives {a} and {b} against each other",
    "any": "{whose} drives {a} and {b} to deal with each other",
}


def lead(e: Explanation) -> tuple[Block, ...]:
    """The answer, the part asked about, and the verdict with the claim that it is about."""
    asked = by_text(e)
    return (
        Prose(headline(e), style="answer"),
        *([Prose(asked)] if asked else []),
        Badge(
            e.judgement.words,
            about=f"the claim that {claim(e)}",
            says=(because(e, brief=True),),
            warning=e.note,
        ),
    )


def rise_section(e: Explanation) -> Section:
    """Whether there was a rise to explain."""
    r = e.attribution.rise
    per = f"{unit(e)} per observed day"
    facts = (
        (
            f"Reference, {span(r.reference)}",
            f"{number(r.reference_rate)} {per}, over {r.reference_observed:,.0f} observed days",
        ),
        (f"Window, {span(r.window)}", f"{number(r.window_rate)} {per}, over {r.window_observed:,.0f} observed days"),
        (
            f"The pair's share of all recorded {NOUN[e.outcome]}",
            f"{number(r.share_ratio)} times that of the reference (free of how much is recorded in all)",
        ),
    )
    blocks = (Prose(rise_text(e), lead=f"{rise_verdict(e)}."), Facts(facts, only="page"))
    return Section("rise", "Was there a rise to explain?", blocks, "Was there a rise?")


def key_facts(e: Explanation, held: tuple[bool, ...]) -> Facts:
    """The answer at a glance; ``held``: whether each test of the certificate holds, empty where it was not run."""
    a = e.attribution
    rate = ("Rate, window to reference", f"{number(a.rise.ratio)} ({interval(a.rise.low, a.rise.high)})")
    return Facts(
        (
            ("Verdict", e.judgement.words),
            ("A rise?", rise_verdict(e)),
            *([rate] if a.rise.ratio == a.rise.ratio else []),
            ("Observed", f"{number(a.observed)} {unit(e)}"),
            ("Expected", f"{number(a.expected)} {unit(e)}"),
            ("Third parties' part", f"{number(a.total.events)} ({interval(a.total.low, a.total.high)})"),
            ("Certificate", f"{sum(held)} of {len(held)} tests hold" if held else "not run"),
            ("Window", span(a.rise.window)),
            ("Reference", span(a.rise.reference)),
        )
    )


def caveats_section(e: Explanation) -> Section:
    """What to keep in mind beside verdict and rise, which stand above; on the page, before any figure."""
    refused = [e.judgement.text] if e.judgement.refused else []
    items = (*refused, *how_to_read(e.fit, e.attribution))
    blocks = (Items(items),) if items else ()
    return Section("caveats", "What to keep in mind", blocks, "What to keep in mind", only="page")


def in_mind_section(e: Explanation) -> Section:
    """All caveats, at the end of the terminal's text, where they are seen first."""
    return Section("in-mind", "Keep in mind", (Items(e.caveats),) if e.caveats else (), only="terminal")


def limits_section(e: Explanation) -> Section:
    """What this answer cannot say, whatever its figures."""
    title = CANNOT_SAY
    return Section("limits", title, (Items(limits(e)),), title, only="page")


def quote_section(e: Explanation) -> Section:
    """The answer in one paragraph, the same as in JSON."""
    folded = Folded("The answer in one paragraph, with its figures", (Prose(e.text),))
    return Section("quote", "To quote", (folded,), "To quote")


def repeat_section(e: Explanation, *, brief: bool = False) -> Section:
    """The command that repeats the answer, and what it was made from; ``brief``: the data alone."""
    f = e.fit
    memory = "n/a" if f.peak_memory_mb is None else f"{number(f.peak_memory_mb)} MB"
    model = "within-pair" if f.model == "within" else f.model
    facts = (
        ("Data", f"{e.data_name} (hash {f.data_hash}), {'directed' if f.directed else 'undirected, net'}"),
        ("Model", f"{model}, rung {e.rung} of the ladder, {f.risk_set} risk set"),
        ("Size", f"{f.n_actors:,} actors, {f.n_dyads:,} dyads at risk, {n_steps(f)}"),
        ("Settings", f"half-life {f.half_life}, transform {f.transform}, legs {f.legs}, decay to {f.decay_to}"),
        ("Versions", ", ".join(f"{k} {v}" for k, v in f.versions.items())),
        ("Seed", str(f.seed)),
        ("Time and memory", f"{number(f.seconds)} seconds to fit, {memory} at most"),
    )
    title = "How to repeat it"
    return Section("repeat", title, (Command(e.command), Facts(facts[: 1 if brief else None], only="page")), title)


def three_caveats_section(e: Explanation) -> Section:
    """The caveats of a brief, by :func:`three_caveats`."""
    title = "Three caveats"
    return Section("caveats", title, (Items(three_caveats(e)),), title)


def three_caveats(e: Explanation) -> tuple[Item, ...]:
    """The three that matter most for the verdict, beside what stands with it. The rule, in this order:

    1. that the answer is of no cause, the first of :func:`limits`: it bounds every verdict;
    2. why the certificate could not be run, where it was asked for and could not be: the verdict rests on less;
    3. how the figures must be read, in the order of :func:`~tertius.answers.explanation.how_to_read`, which begins with
       what the verdict hangs on most;
    4. what else the answer cannot say, in the order of :func:`limits`, until there are three.

    What the data are (:attr:`~tertius.answers.explanation.Explanation.note`), why the verdict is what it is, and
    whether there was a rise are no caveats here: they stand above, with the verdict.
    """
    cause, *others = (Item(text, lead=f"{CANNOT_SAY}: ") for text in limits(e))
    refused = [Item(e.judgement.refused)] if e.judgement.refused else []
    read = [Item(text) for text in how_to_read(e.fit, e.attribution)]
    return tuple([cause, *refused, *read, *others][:CAVEATS])


def written_section(files: tuple[str, ...], note: str) -> Section:
    """Where a brief was written, for the terminal."""
    blocks = (*(Prose(f"  {file}", style="code") for file in files), *([Prose(note)] if note else []))
    return Section("written", "Written", blocks if files else (), only="terminal")


def claim(e: Explanation) -> str:
    """The claim that the verdict is about: "the hostility of third parties drives Russia and North Korea together"."""
    if e.fit.directed:
        whose = f"the hostility of {in_text(e.by) if e.by else 'third parties'}"
    else:
        whose = f"conflict with {in_text(e.by) if e.by else 'the same third parties'}"
    return CLAIM[e.outcome].format(whose=whose, a=in_text(e.pair[0]), b=in_text(e.pair[1]))


def because(e: Explanation, *, brief: bool = False) -> str:
    """What the verdict means, and what it rests on; ``brief`` leaves out why a certificate was refused."""
    said = UNSUPPORTED_MEANS if e.judgement.unsupported else meaning(e.verdict, e.outcome)
    if brief and e.judgement.refused:
        return f"{said} The certificate, the test of what came first, could not be run."
    if e.verdict == NOT_CERTIFIED and e.certificate is None and e.outcome == "cooperation":
        return f"{said} {e.judgement.text}" if e.judgement.refused else said
    return f"{said} {e.judgement.text}"


def foes(e: Explanation) -> str:
    """The foe effect in words, as the subject of a sentence."""
    return "being threatened by the same third parties" if e.fit.directed else "conflict with the same third parties"


def rise_verdict(e: Explanation) -> str:
    """Whether there was a rise: "Yes", "No: it fell", "Not clearly", "Too little to tell", "Nothing happened"."""
    r = e.attribution.rise
    if r.ratio != r.ratio:
        return "Yes, from nothing" if r.window_rate > 0 else "Nothing happened"
    if r.shown is None:
        return "Too little to tell"
    if r.shown:
        return "Yes"
    return "No: it fell" if r.high < 1 else "Not clearly"


def rise_text(e: Explanation) -> str:
    """The first question of every report, answered in one sentence."""
    r, noun = e.attribution.rise, NOUN[e.outcome].capitalize()
    if r.ratio != r.ratio:
        if r.window_rate > 0:
            spans = f"in the window ({span(r.window)}) but not in the reference ({span(r.reference)})"
            return f"{noun} was recorded {spans}."
        return f"No {NOUN[e.outcome]} was recorded in the window ({span(r.window)})."
    ci = f" (95 % interval {interval(r.low, r.high)})" if r.low == r.low else " (no interval: too few slices)"
    beyond = ""
    if mostly_reporting(e):
        beyond = (
            f" As a share of all recorded {NOUN[e.outcome]} it was {number(r.share_ratio)} times the reference, so "
            "that much of the rise may be more reporting."
        )
    return (
        f"{noun} in the window ({span(r.window)}) ran at {number(r.ratio)} times the rate{ci} of the reference "
        f"({span(r.reference)}): {number(r.window_rate)} against {number(r.reference_rate)} a day, over "
        f"{r.window_observed:,.0f} and {r.reference_observed:,.0f} observed days{_left_out(e)}.{beyond}"
    )


def _left_out(e: Explanation) -> str:
    """How many slices of window and reference are in neither, to end a sentence."""
    n, one = e.attribution.rise.left_out, each(e.fit.slice)
    if n == 0:
        return ""
    return f" ({n} {one if n == 1 else steps(e.fit)} left out: less than half of the days observed)"


def mostly_reporting(e: Explanation) -> bool:
    """Whether the pair's share of everything grew by less than half of what its own rate grew by."""
    r = e.attribution.rise
    return bool(r.shown) and r.share_ratio < 1 + (r.ratio - 1) / 2


def headline(e: Explanation) -> str:
    """The answer in one or two sentences, without a name that the figures do not bear out."""
    a, noun, pair = e.attribution, NOUN[e.outcome], both(e)
    c = e.fit.coefficient(a.effect)
    said = {
        "No: it fell": f"There is no rise to explain: {noun} between {pair} fell.",
        "Not clearly": f"There is no clear rise in {noun} between {pair} to explain.",
        "Too little to tell": f"There is too little {noun} between {pair} to tell whether it rose.",
        "Nothing happened": f"No {noun} between {pair} was recorded in the window: there is nothing to explain.",
    }.get(rise_verdict(e), "")
    if mostly_reporting(e):
        said = f"{noun.capitalize()} between {pair} rose, but much less as a share of all that was recorded."
    if e.certificate is not None and e.verdict != CONSISTENT:
        whose = f"the hostility of {in_text(e.by)}" if e.by else "third parties' hostility"
        whose = whose if e.fit.directed else f"conflict with {in_text(e.by) if e.by else 'the same third parties'}"
        rose = said or f"{noun.capitalize()} between {pair} rose."
        return f"{rose} The data do not show that {whose} drove them {TOGETHER[e.outcome]}."
    subject = ("And " if said else "") + f"{scope(e.fit.model)}, {foes(e)}"
    subject = subject[0].upper() + subject[1:]
    first = a.third_parties[0] if a.third_parties else None
    if not (c.ci_low > 0 or c.ci_high < 0):
        rest = f"{subject} does not clearly go with more {noun}, so that no third party can be named."
    elif c.ci_high < 0:
        rest = (
            f"{subject} goes with less {noun}, not more, so no third party is seen to drive them {TOGETHER[e.outcome]}."
        )
    elif e.verdict == TOO_THIN:
        rest = f"{subject} goes with more {noun}, but the data are too thin to name a third party."
    elif first is None or not first.events_low > 0 or not a.total.events > 0:
        rest = f"{subject} goes with more {noun}, but for this pair it did not grow."
    elif said:
        rest = f"{subject} goes with more {noun}; this pair shows no clear rise, so no third party can be named."
    else:
        rest = (
            f"{subject} goes with more {noun}; for this pair the largest part, {number(first.events)} "
            f"({interval(first.events_low, first.events_high)}) of {number(a.expected)} expected {e.unit}, "
            f"goes with {in_text(first.actor)}."
        )
    return f"{said} {rest}".strip()


def by_text(e: Explanation) -> str:
    """The part of the third party that was asked about; empty where none was."""
    found = e.part
    if found is None:
        return ""
    return (
        f"Asked about {in_text(found.actor) if found.actor.startswith('@') else named(found.actor)}: {number(found.events)} {e.unit} "
        f"(95 % interval {interval(found.events_low, found.events_high)})."
    )


def limits(e: Explanation) -> tuple[str, ...]:
    """What this answer cannot say, whatever its figures."""
    noun = NOUN[e.outcome]
    said = [
        f"That anyone's hostility caused {noun}. It may have come at the same time, or afterwards, or both may follow "
        "from something else.",
        "Which third party mattered more: all parts hang on one coefficient, estimated over all pairs, and differ only "
        "in how much each third party's hostility changed.",
        f"What would have happened without the hostility: the comparison is with the reference period, "
        f"{span(e.attribution.rise.reference)}.",
        "Why: motives, intentions and secret dealings are not in the data. Events are what was reported and coded, "
        "with the errors of both.",
    ]
    if e.fit.model == "within":
        said.insert(
            2,
            f"How much {noun} there is in all: the within-pair model says how each actor's {noun} is shared out among "
            "its partners, and whatever moves all of them at once is set aside.",
        )
    if not e.fit.directed:
        said.insert(
            1,
            "Whose hostility it was: the data hold one net figure for a pair and day, not who did what to whom. "
            "Cooperation and hostility of one day cancel.",
        )
    return tuple(said)

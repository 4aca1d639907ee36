"""The answer on a pair: lead, rise, what to keep in mind, what it cannot say, how to quote and to repeat it.

The first sentence a reader sees must not name a third party that the figures do not bear out. Where the certificate was
run, :func:`headline` names one only if it passed; and always only if the pair's outcome rose, the effect is above zero
and the third party's own interval is.
"""

from __future__ import annotations

from tertius.answers.explanation import Explanation, how_to_read
from tertius.answers.verdict import CONSISTENT, NOT_CERTIFIED, TOO_THIN
from tertius.language import capital, joined, known, say
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

UNSUPPORTED_MEANS = say(
    "These data do not support the claim: most conditions of the certificate fail, and no clear rise is seen. They do "
    "not refute it either."
)
CANNOT_SAY = say("What this cannot say")
CAVEATS = 3
TOGETHER = {
    "cooperation": say("together"),
    "hostility": say("against each other"),
    "any": say("to deal with each other"),
}
CLAIM = {
    "cooperation": say("{whose} drives {a} and {b} together"),
    "hostility": say("{whose} drives {a} and {b} against each other"),
    "any": say("{whose} drives {a} and {b} to deal with each other"),
}


def lead(e: Explanation) -> tuple[Block, ...]:
    """The answer, the part asked about, and the verdict with the claim that it is about."""
    asked = by_text(e)
    return (
        Prose(headline(e), style="answer"),
        *([Prose(asked)] if asked else []),
        Badge(
            e.judgement.words,
            about=say("the claim that {claim}", claim=claim(e)),
            says=(because(e, brief=True),),
            warning=e.note,
        ),
    )


def rise_section(e: Explanation) -> Section:
    """Whether there was a rise to explain."""
    r = e.attribution.rise
    per = say("{unit} per observed day", unit=unit(e))
    facts = (
        (
            say("Reference, {reference}", reference=span(r.reference)),
            say(
                "{reference_rate} {per}, over {reference_observed:,.0f} observed days",
                reference_rate=number(r.reference_rate),
                per=per,
                reference_observed=r.reference_observed,
            ),
        ),
        (
            say("Window, {window}", window=span(r.window)),
            say(
                "{window_rate} {per}, over {window_observed:,.0f} observed days",
                window_rate=number(r.window_rate),
                per=per,
                window_observed=r.window_observed,
            ),
        ),
        (
            say("The pair's share of all recorded {noun}", noun=NOUN[e.outcome]),
            say(
                "{share_ratio} times that of the reference (free of how much is recorded in all)",
                share_ratio=number(r.share_ratio),
            ),
        ),
    )
    blocks = (Prose(rise_text(e), lead=say("{rise_verdict}.", rise_verdict=rise_verdict(e))), Facts(facts, only="page"))
    return Section("rise", say("Was there a rise to explain?"), blocks, say("Was there a rise?"))


def key_facts(e: Explanation, held: tuple[bool, ...]) -> Facts:
    """The answer at a glance; ``held``: whether each test of the certificate holds, empty where it was not run."""
    a = e.attribution
    rate = (
        say("Rate, window to reference"),
        say("{ratio} ({interval})", ratio=number(a.rise.ratio), interval=interval(a.rise.low, a.rise.high)),
    )
    return Facts(
        (
            (say("Verdict"), e.judgement.words),
            (say("A rise?"), rise_verdict(e)),
            *([rate] if a.rise.ratio == a.rise.ratio else []),
            (say("Observed"), say("{observed} {unit}", observed=number(a.observed), unit=unit(e))),
            (say("Expected"), say("{expected} {unit}", expected=number(a.expected), unit=unit(e))),
            (
                say("Third parties' part"),
                say(
                    "{events} ({interval})", events=number(a.total.events), interval=interval(a.total.low, a.total.high)
                ),
            ),
            (
                say("Certificate"),
                say("{held} of {held2} tests hold", held=sum(held), held2=len(held)) if held else say("not run"),
            ),
            (say("Window"), span(a.rise.window)),
            (say("Reference"), span(a.rise.reference)),
        )
    )


def caveats_section(e: Explanation) -> Section:
    """What to keep in mind beside verdict and rise, which stand above; on the page, before any figure."""
    refused = [e.judgement.text] if e.judgement.refused else []
    items = (*refused, *how_to_read(e.fit, e.attribution))
    blocks = (Items(items),) if items else ()
    return Section("caveats", say("What to keep in mind"), blocks, say("What to keep in mind"), only="page")


def in_mind_section(e: Explanation) -> Section:
    """All caveats, at the end of the terminal's text, where they are seen first."""
    return Section("in-mind", say("Keep in mind"), (Items(e.caveats),) if e.caveats else (), only="terminal")


def limits_section(e: Explanation) -> Section:
    """What this answer cannot say, whatever its figures."""
    title = CANNOT_SAY
    return Section("limits", title, (Items(limits(e)),), title, only="page")


def quote_section(e: Explanation) -> Section:
    """The answer in one paragraph, the same as in JSON."""
    folded = Folded(say("The answer in one paragraph, with its figures"), (Prose(e.text),))
    return Section("quote", say("To quote"), (folded,), say("To quote"))


def repeat_section(e: Explanation, *, brief: bool = False) -> Section:
    """The command that repeats the answer, and what it was made from; ``brief``: the data alone."""
    f = e.fit
    memory = (
        say("n/a") if f.peak_memory_mb is None else say("{peak_memory_mb} MB", peak_memory_mb=number(f.peak_memory_mb))
    )
    model = say("within-pair") if f.model == "within" else known(f.model)
    facts = (
        (
            say("Data"),
            say(
                "{data_name} (hash {data_hash}), {word}",
                data_name=e.data_name,
                data_hash=f.data_hash,
                word=say("directed") if f.directed else say("undirected, net"),
            ),
        ),
        (
            say("Model"),
            say(
                "{model}, rung {rung} of the ladder, {risk_set} risk set",
                model=model,
                rung=e.rung,
                risk_set=known(f.risk_set),
            ),
        ),
        (
            say("Size"),
            say(
                "{n_actors:,} actors, {n_dyads:,} dyads at risk, {n_steps}",
                n_actors=f.n_actors,
                n_dyads=f.n_dyads,
                n_steps=n_steps(f),
            ),
        ),
        (
            say("Settings"),
            say(
                "half-life {half_life}, transform {transform}, legs {legs}, decay to {decay_to}",
                half_life=f.half_life,
                transform=f.transform,
                legs=f.legs,
                decay_to=f.decay_to,
            ),
        ),
        (say("Versions"), joined((say("{k} {v}", k=k, v=v) for k, v in f.versions.items()), ", ")),
        (say("Seed"), str(f.seed)),
        (
            say("Time and memory"),
            say("{seconds} seconds to fit, {memory} at most", seconds=number(f.seconds), memory=memory),
        ),
    )
    title = say("How to repeat it")
    return Section("repeat", title, (Command(e.command), Facts(facts[: 1 if brief else None], only="page")), title)


def three_caveats_section(e: Explanation) -> Section:
    """The caveats of a brief, by :func:`three_caveats`."""
    title = say("Three caveats")
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
    cause, *others = (Item(text, lead=CANNOT_SAY + ": ") for text in limits(e))
    refused = [Item(e.judgement.refused)] if e.judgement.refused else []
    read = [Item(text) for text in how_to_read(e.fit, e.attribution)]
    return tuple([cause, *refused, *read, *others][:CAVEATS])


def written_section(files: tuple[str, ...], note: str) -> Section:
    """Where a brief was written, for the terminal."""
    blocks = (*(Prose(f"  {file}", style="code") for file in files), *([Prose(note)] if note else []))
    return Section("written", say("Written"), blocks if files else (), only="terminal")


def claim(e: Explanation) -> str:
    """The claim that the verdict is about: "the hostility of third parties drives Russia and North Korea together"."""
    if e.fit.directed:
        whose = say("the hostility of {by}", by=in_text(e.by) if e.by else say("third parties"))
    else:
        whose = say("conflict with {by}", by=in_text(e.by) if e.by else say("the same third parties"))
    return CLAIM[e.outcome].format(whose=whose, a=in_text(e.pair[0]), b=in_text(e.pair[1]))


def because(e: Explanation, *, brief: bool = False) -> str:
    """What the verdict means, and what it rests on; ``brief`` leaves out why a certificate was refused."""
    said = UNSUPPORTED_MEANS if e.judgement.unsupported else meaning(e.verdict, e.outcome)
    if brief and e.judgement.refused:
        return say("{said} The certificate, the test of what came first, could not be run.", said=said)
    if e.verdict == NOT_CERTIFIED and e.certificate is None and e.outcome == "cooperation":
        return say("{said} {text}", said=said, text=e.judgement.text) if e.judgement.refused else said
    return say("{said} {text}", said=said, text=e.judgement.text)


def foes(e: Explanation) -> str:
    """The foe effect in words, as the subject of a sentence."""
    return (
        say("being threatened by the same third parties")
        if e.fit.directed
        else say("conflict with the same third parties")
    )


def rise_verdict(e: Explanation) -> str:
    """Whether there was a rise: "Yes", "No: it fell", "Not clearly", "Too little to tell", "Nothing happened"."""
    r = e.attribution.rise
    if r.ratio != r.ratio:
        return say("Yes, from nothing") if r.window_rate > 0 else say("Nothing happened")
    if r.shown is None:
        return say("Too little to tell")
    if r.shown:
        return say("Yes")
    return say("No: it fell") if r.high < 1 else say("Not clearly")


def rise_text(e: Explanation) -> str:
    """The first question of every report, answered in one sentence."""
    r, noun = e.attribution.rise, NOUN[e.outcome].capitalize()
    if r.ratio != r.ratio:
        if r.window_rate > 0:
            spans = say(
                "in the window ({window}) but not in the reference ({reference})",
                window=span(r.window),
                reference=span(r.reference),
            )
            return say("{noun} was recorded {spans}.", noun=noun, spans=spans)
        return say("No {noun} was recorded in the window ({window}).", noun=NOUN[e.outcome], window=span(r.window))
    ci = _rise_interval(e)
    beyond = ""
    if mostly_reporting(e):
        beyond = say(
            " As a share of all recorded {noun} it was {share_ratio} times the reference, so that much of the rise "
            "may be more reporting.",
            noun=NOUN[e.outcome],
            share_ratio=number(r.share_ratio),
        )
    return say(
        "{noun} in the window ({window}) ran at {ratio} times the rate{ci} of the reference ({reference}): "
        "{window_rate} against {reference_rate} a day, over {window_observed:,.0f} and {reference_observed:,.0f} "
        "observed days{left_out}.{beyond}",
        noun=noun,
        window=span(r.window),
        ratio=number(r.ratio),
        ci=ci,
        reference=span(r.reference),
        window_rate=number(r.window_rate),
        reference_rate=number(r.reference_rate),
        window_observed=r.window_observed,
        reference_observed=r.reference_observed,
        left_out=_left_out(e),
        beyond=beyond,
    )


def _rise_interval(e: Explanation) -> str:
    """Of the rise's ratio, to stand behind it."""
    r = e.attribution.rise
    if r.low == r.low:
        return say(" (95 % interval {interval})", interval=interval(r.low, r.high))
    return say(" (no interval: too few slices)")


def rise_in_short(e: Explanation) -> str:
    """The ratio that "no clear rise" or "fell" rests on; empty where it rose, or where there is none."""
    r = e.attribution.rise
    if r.shown or r.ratio != r.ratio:
        return ""
    return say(
        "In the window {noun} ran at {ratio} times the rate{ci} of the reference.",
        noun=NOUN[e.outcome],
        ratio=number(r.ratio),
        ci=_rise_interval(e),
    )


def _left_out(e: Explanation) -> str:
    """How many slices of window and reference are in neither, to end a sentence."""
    n, one = e.attribution.rise.left_out, each(e.fit.slice)
    if n == 0:
        return ""
    return say(" ({n} {one} left out: less than half of the days observed)", n=n, one=one if n == 1 else steps(e.fit))


def mostly_reporting(e: Explanation) -> bool:
    """Whether the pair's share of everything grew by less than half of what its own rate grew by."""
    r = e.attribution.rise
    return bool(r.shown) and r.share_ratio < 1 + (r.ratio - 1) / 2


def headline(e: Explanation) -> str:
    """The answer in one or two sentences, without a name that the figures do not bear out."""
    a, noun, pair = e.attribution, NOUN[e.outcome], both(e)
    c = e.fit.coefficient(a.effect)
    said = {
        "No: it fell": say("There is no rise to explain: {noun} between {pair} fell.", noun=noun, pair=pair),
        "Not clearly": say("There is no clear rise in {noun} between {pair} to explain.", noun=noun, pair=pair),
        "Too little to tell": say(
            "There is too little {noun} between {pair} to tell whether it rose.", noun=noun, pair=pair
        ),
        "Nothing happened": say(
            "No {noun} between {pair} was recorded in the window: there is nothing to explain.", noun=noun, pair=pair
        ),
    }.get(rise_verdict(e), "")
    if mostly_reporting(e):
        said = say(
            "{noun} between {pair} rose, but much less as a share of all that was recorded.",
            noun=noun.capitalize(),
            pair=pair,
        )
    if e.certificate is not None and e.verdict != CONSISTENT:
        whose = say("the hostility of {by}", by=in_text(e.by)) if e.by else say("third parties' hostility")
        whose = (
            whose
            if e.fit.directed
            else say("conflict with {by}", by=in_text(e.by) if e.by else say("the same third parties"))
        )
        rose = said or say("{noun} between {pair} rose.", noun=noun.capitalize(), pair=pair)
        return say(
            "{rose} The data do not show that {whose} drove them {together}.",
            rose=rose,
            whose=whose,
            together=TOGETHER[e.outcome],
        )
    subject = (say("And ") if said else "") + say("{scope}, {foes}", scope=scope(e.fit.model), foes=foes(e))
    subject = capital(subject)
    first = a.third_parties[0] if a.third_parties else None
    if not (c.ci_low > 0 or c.ci_high < 0):
        rest = say(
            "{subject} does not clearly go with more {noun}, so that no third party can be named.",
            subject=subject,
            noun=noun,
        )
    elif c.ci_high < 0:
        rest = say(
            "{subject} goes with less {noun}, not more, so no third party is seen to drive them {together}.",
            subject=subject,
            noun=noun,
            together=TOGETHER[e.outcome],
        )
    elif e.verdict == TOO_THIN:
        rest = say(
            "{subject} goes with more {noun}, but the data are too thin to name a third party.",
            subject=subject,
            noun=noun,
        )
    elif first is None or not first.events_low > 0 or not a.total.events > 0:
        rest = say("{subject} goes with more {noun}, but for this pair it did not grow.", subject=subject, noun=noun)
    elif said:
        rest = say(
            "{subject} goes with more {noun}; this pair shows no clear rise, so no third party can be named.",
            subject=subject,
            noun=noun,
        )
    else:
        rest = say(
            "{subject} goes with more {noun}; for this pair the largest part, {events} ({interval}) of {expected} "
            "expected {unit}, goes with {actor}.",
            subject=subject,
            noun=noun,
            events=number(first.events),
            interval=interval(first.events_low, first.events_high),
            expected=number(a.expected),
            unit=e.unit,
            actor=in_text(first.actor),
        )
    return joined((said, rest)).strip()


def by_text(e: Explanation) -> str:
    """The part of the third party that was asked about; empty where none was."""
    found = e.part
    if found is None:
        return ""
    return say(
        "Asked about {actor}: {events} {unit} (95 % interval {interval}).",
        actor=in_text(found.actor) if found.actor.startswith("@") else named(found.actor),
        events=number(found.events),
        unit=e.unit,
        interval=interval(found.events_low, found.events_high),
    )


def limits(e: Explanation) -> tuple[str, ...]:
    """What this answer cannot say, whatever its figures."""
    noun = NOUN[e.outcome]
    said = [
        say(
            "That anyone's hostility caused {noun}. It may have come at the same time, or afterwards, or both may "
            "follow from something else.",
            noun=noun,
        ),
        say(
            "Which third party mattered more: all parts hang on one coefficient, estimated over all pairs, and "
            "differ only in how much each third party's hostility changed."
        ),
        say(
            "What would have happened without the hostility: the comparison is with the reference period, {reference}.",
            reference=span(e.attribution.rise.reference),
        ),
        say(
            "Why: motives, intentions and secret dealings are not in the data. Events are what was reported and coded, "
            "with the errors of both."
        ),
    ]
    if e.fit.model == "within":
        said.insert(
            2,
            say(
                "How much {noun} there is in all: the within-pair model says how each actor's {noun} is shared out "
                "among its partners, and whatever moves all of them at once is set aside.",
                noun=noun,
            ),
        )
    if not e.fit.directed:
        said.insert(
            1,
            say(
                "Whose hostility it was: the data hold one net figure for a pair and day, not who did what to whom. "
                "Cooperation and hostility of one day cancel."
            ),
        )
    return tuple(said)

"""Which sections an answer shows, and in which order: one line of :data:`PAGES` a kind of answer.

A new kind of answer has a file in :mod:`tertius.study` that makes it, a section in :mod:`tertius.report.sections`, a
line here, and a command. Its page, its text in the terminal, its rows and its Document as JSON come of these
(``tests/interface/test_new_wing.py`` builds one).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tertius.answers.attribution import foe_effect
from tertius.answers.camps import Balance
from tertius.answers.claim_check import Checked
from tertius.answers.counsel import Exchange, Price, WedgeAnswer, WhatIf
from tertius.answers.explanation import Drives, Explanation
from tertius.answers.foresight import Backtest, Changes, Forecast, Ledger
from tertius.answers.movement import Isolated, Rank, Ties, Trend
from tertius.answers.overview import Pairs
from tertius.events.data import SIMULATED, EventData
from tertius.language import ENGLISH, Day, joined, known, say
from tertius.model.result import FitResult, fit_table
from tertius.model.tables import Printed
from tertius.reading.reading import Reading
from tertius.report import rows, terminal
from tertius.report.document import Document, Prose, Section, numbered, translated
from tertius.report.sections import (
    answer,
    camps,
    certificate,
    claims,
    counsel,
    data,
    foresight,
    ladder,
    model,
    movement,
    pair,
    pairs,
    reading,
    sources,
    third_parties,
)
from tertius.report.words import in_text, model_title, named, question
from tertius.study import Demo, Fits
from tertius.study.behind import Audited, Brought, CodesFound, Described, Kept, KeptFits, Looked, RowsBehind
from tertius.study.brief import Brief

if TYPE_CHECKING:
    from altair import LayerChart


SIMULATED_TITLE = say("Simulated: ")
"""How the title begins of every answer that is of simulated data."""


@dataclass(frozen=True, slots=True)
class Page:
    """How a kind of answer is shown: its Document, and its rows where it has some."""

    document: Callable[[Any], Document]
    rows: Callable[[Any], Printed] | None = None


def explanation(e: Explanation) -> Document:
    """Who drives a pair together."""
    fit, effect = e.fit, e.attribution.effect
    rung = int(e.rung.partition(" ")[0])
    return Document(
        title=say("{question} {words}.", question=question(e), words=e.judgement.words.capitalize()),
        heading=question(e),
        lead=answer.lead(e),
        sections=(
            answer.rise_section(e),
            answer.caveats_section(e),
            certificate.section(e),
            ladder.section(fit, effect, e.unit, rung),
            pair.section(e),
            pair.days_section(e),
            third_parties.section(e),
            third_parties.sums_section(e),
            certificate.reverse_section(e),
            third_parties.path_section(e),
            model.on_page(model.section(fit, effect)),
            model.on_page(model.warnings_section(fit)),
            model.beside_section(fit, effect),
            model.on_page(model.corrected_section(fit)),
            model.on_page(model.quality_section(fit)),
            third_parties.target_section(e),
            pair.rows_section(e),
            answer.limits_section(e),
            answer.quote_section(e),
            answer.in_mind_section(e),
            answer.repeat_section(e),
            sources.section(
                fit, e.sources or ((say("The makers of the data: {data_name}.", data_name=e.data_name), ""),)
            ),
        ),
        key_facts=answer.key_facts(e, certificate.holds(e)),
        name="-".join(e.pair),
    )


def brief(found: Brief) -> Document:
    """One page to hand on: question, answer and verdict, the picture, three caveats, the command, the sources."""
    e = found.explanation
    return Document(
        title=say("{question} {words}.", question=question(e), words=e.judgement.words.capitalize()),
        heading=question(e),
        lead=answer.lead(e),
        sections=(
            _rise_and_picture(e),
            answer.three_caveats_section(e),
            answer.repeat_section(e, brief=True),
            sources.section(
                e.fit, e.sources or ((say("The makers of the data: {data_name}.", data_name=e.data_name), ""),)
            ),
            answer.written_section(found.files, found.note),
        ),
        name="-".join(e.pair),
    )


def _rise_and_picture(e: Explanation) -> Section:
    """Where no rise is clear, its ratio with the interval; and the pair's picture without the list of landmarks."""
    made, rise = pair.section(replace(e, landmarks=())), answer.rise_in_short(e)
    return replace(made, title="", listed="", blocks=(*([Prose(rise)] if rise else []), *made.blocks))


def demo(found: Demo) -> Document:
    """The answer; where it is not of the atlas, its heading says so first."""
    made = explanation(found.explanation)
    heading = joined((found.instead, made.heading)).strip()
    article = () if found.checked is None else _article(found.checked)
    title = joined((found.instead, made.title)).strip()
    return replace(made, heading=heading, title=title, sections=(*made.sections, *article))


def _article(found: Checked) -> tuple[Section, ...]:
    """An article's claims below another answer."""
    named = found.document.metadata.title or say("An article")
    told = Prose(found.text)
    return (
        Section(
            "article",
            say("An article on the same data: {named}", named=named),
            (told,),
            say("An article on the same data"),
        ),
        replace(claims.table_section(found), level=3),
        replace(claims.text_section(found), level=3),
        replace(claims.cards_section(found), level=3),
    )


def drives(found: Drives) -> Document:
    """Whom a third party drives together."""
    heading = say("Whom does {by} drive together?", by=in_text(found.by))
    return Document(
        title=say("{heading} {verdict}.", heading=heading, verdict=found.verdict.capitalize()),
        heading=heading,
        lead=pairs.drives_lead(found),
        sections=(
            pairs.drives_section(found),
            ladder.section(found.fit, found.effect, found.unit),
            *_behind(found.fit, found.effect),
            pairs.caveats_section(found.caveats),
            pairs.repeat_section(found.command),
            sources.section(found.fit, ()),
        ),
        name=found.by,
    )


def all_pairs(found: Pairs) -> Document:
    """All pairs, or some side by side."""
    heading = say("Pairs side by side") if found.side_by_side else say("Which pairs rose, and who drives them?")
    return Document(
        title=heading,
        heading=heading,
        lead=pairs.lead(found),
        sections=(
            pairs.section(found),
            pairs.one_by_one_section(found),
            *map(model.on_page, _behind(found.fit, foe_effect(found.fit.directed))),
            pairs.caveats_section(found.caveats),
            pairs.repeat_section(found.command),
            sources.section(found.fit, ()),
        ),
        key_facts=pairs.key_facts(found),
        name="pairs",
    )


def fits(found: Fits) -> Document:
    """Several outcomes of the same data, one below the other."""
    documents = [fit(one) for one in found.fits]
    sections = [
        replace(numbered(s, k), title=f"{d.heading}: {s.title.lower()}" if s.level == 2 and k > 1 else s.title)
        for k, d in enumerate(documents, 1)
        for s in d.sections
    ]
    heading = documents[0].heading if len(documents) == 1 else say("Coefficients of several outcomes")
    return Document(heading, heading, (), tuple(sections), name="fits")


def fit(found: FitResult) -> Document:
    """Coefficients."""
    kind = say("within-pair") if found.model == "within" else known(found.model)
    heading = say("{model_title} ({kind} model)", model_title=model_title(found), kind=kind)
    term = foe_effect(found.directed)
    return Document(
        title=heading,
        heading=heading,
        lead=(),
        sections=(
            replace(model.section(found), title=say("Coefficients"), listed=say("Coefficients")),
            model.beside_section(found),
            model.corrected_section(found),
            ladder.section(found, term, say("events") if found.response == "count" else say("weight")),
            model.quality_section(found),
            model.miscoding_section(found),
            model.warnings_section(found),
            pairs.repeat_section(found.command),
            sources.section(found, ()),
        ),
        name=f"{found.model}-{found.outcome}",
    )


def balance(found: Balance) -> Document:
    """Camps over time; of one actor alone, where it was asked about."""
    if found.of:
        return _camps_of(found)
    heading = say("Who stands with whom, and who changed sides?")
    return Document(
        title=heading,
        heading=heading,
        lead=camps.lead(found),
        sections=(
            camps.windows_section(found),
            camps.members_section(found),
            camps.network_section(found),
            camps.changes_section(found),
            camps.chance_section(found),
            camps.threshold_section(found),
            pairs.caveats_section(found.caveats),
            pairs.repeat_section(found.command),
        ),
        key_facts=camps.key_facts(found),
        name="camps",
    )


def _camps_of(found: Balance) -> Document:
    """With whom an actor stood."""
    heading = say("With whom has {actor} stood?", actor=in_text(found.of))
    sections = (
        camps.stood_section(found),
        pairs.caveats_section(found.caveats),
        pairs.repeat_section(found.command),
    )
    return Document(heading, heading, camps.lead(found), sections, name=f"camps-{found.of}")


def trend(found: Trend) -> Document:
    """A pair before and after a day."""
    heading = say(
        "Has {outcome} between {two} risen?",
        outcome=known(found.outcome) if found.outcome != "any" else say("interaction"),
        two=_two(found.pair),
    )
    sections = (movement.trend_section(found), movement.series_section(found))
    return _moved(found, heading, sections, "-".join(found.pair))


def rank(found: Rank) -> Document:
    """A pair in its own history."""
    heading = say("Where do relations between {two} stand in their own history?", two=_two(found.pair))
    sections = (movement.rank_section(found), movement.series_section(found))
    return _moved(found, heading, sections, "-".join(found.pair))


def isolation(found: Isolated) -> Document:
    """An actor's effective partners."""
    among = say(" among {group}", group=found.group) if found.group else ""
    heading = say("Has {actor} been isolated{among}?", actor=in_text(found.actor), among=among)
    sections = (movement.isolation_section(found), movement.others_section(found))
    return _moved(found, heading, sections, found.actor)


def ties(found: Ties) -> Document:
    """An actor's friends and foes."""
    heading = say("With whom has {actor} most cooperation, and most hostility?", actor=in_text(found.actor))
    sections = (movement.ties_section(found, 0), movement.ties_section(found, 1))
    return _moved(found, heading, sections, found.actor)


def read(found: Reading) -> Document:
    """An article as read."""
    heading = found.document.metadata.title or say("A document as read")
    sections = (
        reading.metadata_section(found),
        reading.events_section(found),
        reading.text_section(found),
        reading.around_section(found),
        reading.limits_section(found),
    )
    return Document(heading, heading, reading.lead(found), sections, name=heading)


def forecast(found: Forecast) -> Document:
    """What comes next."""
    one = found.past and found.lines
    heading = say("What comes next between {two}?", two=_two(found.lines[0].pair)) if one else say("What comes next?")
    name = "-".join(found.lines[0].pair) if one else "forecast"
    return _foretold(found, heading, (foresight.forecast_section(found),), name)


def backtest(found: Backtest) -> Document:
    """How forecasts scored."""
    sections = (foresight.backtest_section(found), foresight.breaks_section(found))
    return _foretold(found, say("Were such forecasts any good?"), sections, "backtest")


def changes(found: Changes) -> Document:
    """What surprised."""
    return _foretold(
        found,
        say("What changed since {since}?", since=Day(found.since)),
        (foresight.changes_section(found),),
        "changes",
    )


def ledger(found: Ledger) -> Document:
    """A ledger, whole or not, and its scores."""
    heading = say("The ledger {name}", name=found.name)
    told = (foresight.ledger_section(found), pairs.repeat_section(found.command))
    return Document(heading, heading, foresight.lead(found), told, name="ledger")


def _foretold(found: Forecast | Backtest | Changes, heading: str, sections: tuple[Section, ...], name: str) -> Document:
    told = (*sections, pairs.caveats_section(found.caveats), pairs.repeat_section(found.command))
    return Document(heading, heading, foresight.lead(found), told, name=name)


def checked(found: Checked) -> Document:
    """An article's claims, put to data."""
    title = found.document.metadata.title
    heading = say("What the data say of: {title}", title=title) if title else say("What the data say of a text")
    sections = (
        claims.table_section(found),
        claims.text_section(found),
        claims.cards_section(found),
        claims.caveats_section(found),
        claims.repeat_section(found),
        claims.rights_section(found),
        claims.sources_section(found),
    )
    return Document(heading, heading, claims.lead(found), sections, name=title or "claims")


def price(found: Price) -> Document:
    """What hostility costs."""
    heading = say(
        "What do {actor}'s {ill} go with in the ties among its adversaries?",
        actor=in_text(found.actor),
        ill=_ill(found),
    )
    return _counsel(found, heading, counsel.price_section(found), found.actor)


def wedge(found: WedgeAnswer) -> Document:
    """What easing would loosen."""
    heading = say(
        "Which easing of {actor}'s {ill} would loosen its adversaries' ties?",
        actor=in_text(found.actor),
        ill=_ill(found),
    )
    return _counsel(found, heading, counsel.wedge_section(found), found.actor)


def whatif(found: WhatIf) -> Document:
    """The two worlds of a pair."""
    heading = say("What if it had been {join}, for {two}?", join=joined(found.changes, "; "), two=_two(found.pair))
    return _counsel(found, heading, counsel.whatif_section(found), "-".join(found.pair))


def exchange(found: Exchange) -> Document:
    """One flow against another."""
    heading = say("Do {two} give one thing for another?", two=_two(found.pair))
    made = (counsel.exchange_section(found), pairs.caveats_section(found.caveats), pairs.repeat_section(found.command))
    return Document(
        say("{heading} {verdict}.", heading=heading, verdict=found.verdict.capitalize()),
        heading,
        counsel.lead(found),
        made,
        name="-".join(found.pair),
    )


def _ill(found: Price | WedgeAnswer) -> str:
    return say("hostile acts") if found.directed else say("conflicts")


def _counsel(found: Price | WedgeAnswer | WhatIf, heading: str, section: Section, name: str) -> Document:
    made = (section, pairs.caveats_section(found.caveats), pairs.repeat_section(found.command))
    return Document(heading, heading, counsel.lead(found), made, counsel.key_facts(found), name)


def _two(pair: tuple[str, str]) -> str:
    return joined(map(in_text, pair), " and ")


def _moved(found: Trend | Rank | Isolated | Ties, heading: str, sections: tuple[Section, ...], name: str) -> Document:
    told = (*sections, pairs.caveats_section(found.caveats), pairs.repeat_section(found.command))
    return Document(heading, heading, movement.lead(found), told, name=name)


def _behind(fit: FitResult, effect: str) -> tuple[Section, ...]:
    """The model behind an answer that is about no single pair."""
    return model.on_page(model.section(fit, effect)), model.beside_section(fit, effect)


def _plain_page(heading: Callable[[Any], str], section: Callable[[Any], Section]) -> Callable[[Any], Document]:
    """A page of one section made from a document of data."""

    def made(found: Any) -> Document:
        title = heading(found.document)
        return Document(title, title, (), (section(found.document),), name=title)

    return made


def _events_heading(d: Any) -> str:
    return say("{a} and {b} in {data}", a=named(d["pair"][0]), b=named(d["pair"][1]), data=d["data"])


def _data_heading(d: Any) -> str:
    return say(
        "{data} ({word}, hash {hash})",
        data=d["data"],
        word=say("directed") if d["directed"] else say("undirected, net"),
        hash=d["hash"],
    )


PAGES: dict[type, Page] = {
    Explanation: Page(explanation, rows.of_explanation),
    Brief: Page(brief, lambda found: rows.of_explanation(found.explanation)),
    Demo: Page(demo, lambda found: rows.of_explanation(found.explanation)),
    Drives: Page(drives, rows.of_drives),
    Pairs: Page(all_pairs, rows.of_pairs),
    FitResult: Page(fit, fit_table),
    Fits: Page(fits),
    Balance: Page(balance, camps.rows),
    Trend: Page(trend, movement.series_rows),
    Rank: Page(rank, movement.series_rows),
    Isolated: Page(isolation, movement.isolation_rows),
    Ties: Page(ties, movement.ties_rows),
    Reading: Page(read, reading.rows),
    Forecast: Page(forecast, foresight.forecast_rows),
    Backtest: Page(backtest, foresight.backtest_rows),
    Changes: Page(changes, foresight.changes_rows),
    Ledger: Page(ledger, foresight.ledger_rows),
    Checked: Page(checked, claims.rows),
    Price: Page(price, counsel.price_rows),
    WedgeAnswer: Page(wedge, counsel.wedge_rows),
    WhatIf: Page(whatif, counsel.whatif_rows),
    Exchange: Page(exchange, counsel.exchange_rows),
    Audited: Page(_plain_page(lambda d: say("What was read, kept and dropped"), data.audit_section)),
    Brought: Page(
        _plain_page(
            lambda d: say("{source}, {from_} to {to}", source=d["source"], from_=d["from"], to=d["to"]),
            data.fetch_section,
        )
    ),
    Kept: Page(_plain_page(lambda d: say("Snapshots of {store}", store=d["store"]), data.snapshots_section)),
    Described: Page(_plain_page(_data_heading, data.describe_section)),
    RowsBehind: Page(_plain_page(_events_heading, data.events_section), lambda found: rows.of_events(found.document)),
    CodesFound: Page(_plain_page(lambda d: say("Codes"), data.codes_section)),
    KeptFits: Page(_plain_page(lambda d: say("What is kept of fits"), data.cache_section)),
}
"""Kind of answer -> how it is shown."""


def document_of(answer: Any) -> Document:
    """The Document of an answer. Raises TypeError for what is none.

    >>> from tertius.study import fit
    >>> found = fit("chronicle", model="rate", effects="inertia.coop,shared_threat", slice="1mo", half_life="2y")
    >>> [section.title for section in document_of(found).sections][:1]
    ['Coefficients']
    """
    made = _page(answer).document(answer)
    if not _is_simulated(answer) or (isinstance(answer, Demo) and answer.instead):  # it says so itself
        return made
    return replace(
        made, title=joined((SIMULATED_TITLE, made.title), ""), heading=joined((SIMULATED_TITLE, made.heading), "")
    )


def _is_simulated(answer: Any) -> bool:
    """Whether an answer is of data that were drawn: the notes that it carries say so."""
    if isinstance(answer, Looked):
        return str(answer.document.get("note") or "").startswith(SIMULATED)
    if isinstance(answer, Fits):
        return any(map(_is_simulated, answer.fits))
    notes = answer.warnings if isinstance(answer, FitResult) else getattr(answer, "caveats", ())
    return any(note.startswith(SIMULATED) for note in notes)


def rows_of(answer: Any) -> Printed | None:
    """The rows of an answer, for ``--table``; None where it has none."""
    made = _page(answer).rows
    return None if made is None else made(answer)


def charts_of(answer: Any) -> dict[str, LayerChart]:
    """All charts of an answer by name, in the order of the page; what was not computed has no chart.

    The same objects in a notebook as on the page. Names of an explanation: profile and one for each picture of chance
    (with a certificate), rungs, episodes, curve (with a ladder), pair-over-time, third-parties, path, coefficients,
    calibration::

        charts = tertius.charts_of(answer)
        charts["pair-over-time"]  # shows itself; .save("pair.png"), .save("pair.svg"), .to_dict()
    """
    return {figure.id: figure.draw() for figure in document_of(answer).figures()}


def write_report(answer: Any, path: str | Path, *, overwrite: bool = False, language: str = ENGLISH) -> Path:
    """Write the page of an answer to one HTML file and return its path; the file appears whole or not at all.

    An older report of tertius is replaced; any other file only with ``overwrite``. ``language``: a code of
    :data:`tertius.language.LANGUAGES`.

    Raises
    ------
    UsageError : the folder does not exist, another file stands there, or the file cannot be written.
    DiskFull : the disk is full.
    """
    from tertius.report.html import write_page

    return write_page(translated(document_of(answer), language), Path(path), overwrite=overwrite)


def summary(answer: Any, language: str = ENGLISH) -> str:
    """What the terminal shows of an answer, as plain text of at most 80 columns."""
    found = document_of(Described(answer.describe()) if isinstance(answer, EventData) else answer)
    return terminal.as_text(translated(found, language))


def _page(answer: Any) -> Page:
    for kind in type(answer).__mro__:
        if kind in PAGES:
            return PAGES[kind]
    raise TypeError(f"{type(answer).__name__} is no answer that tertius.report.pages knows.")

"""One self-contained HTML page for an answer: it opens without a network and asks for none.

Everything the page shows is a field of :class:`Page`, made here from the dataclasses of the answer; the template only
loops. Charts are Vega-Lite specifications in data blocks, drawn by one embedded script under a content policy that
names the scripts by hash and forbids every connection. Labels of the data are text, whatever they contain.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shlex
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from altair import LayerChart
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tertius import __version__
from tertius.answers.attribution import ThirdParty
from tertius.answers.certificate import SLOW, Picture
from tertius.answers.explanation import SAMPLE, Explanation, how_to_read, total_note
from tertius.answers.landmarks import Landmark
from tertius.errors import UsageError, disk_room
from tertius.model.result import FitResult, note
from tertius.plain import number
from tertius.report import adequacy as fitting
from tertius.report import charts
from tertius.report.bundle import vega_bundle
from tertius.report.ladder import (
    CURVE,
    INERTIA,
    SPLIT_PANEL,
    RungLine,
    beside_lines,
    beside_names,
    beside_note,
    figure,
    line_figures,
    path_of,
    rung_lines,
    sorted_curve,
    specification,
    where_it_stands,
)
from tertius.report.wording import (
    CHANCE,
    NOUN,
    SPANS,
    because,
    beside_figures,
    both,
    by_text,
    claim,
    condition_lines,
    day_size,
    day_text,
    day_who,
    decimals,
    each,
    headline,
    interval,
    landmarks_note,
    largest,
    limits,
    n_steps,
    named,
    nobody_moved,
    parts_note,
    percent,
    periods,
    pressure_note,
    profile_note,
    question,
    rise_text,
    rise_verdict,
    scope,
    size_of,
    span,
    steps,
    term_meaning,
    unit,
    what_of,
    who_of,
    window_lines,
    without_figures,
)

LADDER_NOTES = (
    "A standard deviation is that of what a rung compares: all pairs on rungs 1 and 2, a pair with itself on rung 3, "
    "a pair with itself net of all that each actor does on rungs 4 and 6. So signs and intervals can be "
    "compared between rungs, and sizes cannot.",
    "Rungs 1 and 2 are fitted slice by slice, the others period by period, and the two may combine the legs of a path "
    "otherwise.",
)
INERTIA_CAPTION = " Inertia is in the model and is not interpreted within pairs: its estimate is biased downwards."
RATE_WORKS = (
    ("Butts, C. T. (2008). A relational event framework for social action. Sociological Methodology 38, 155-200.",
     "10.1111/j.1467-9531.2008.00203.x"),
    ("Brandes, U., Lerner, J. & Snijders, T. A. B. (2009). Networks evolving step by step: statistical analysis of "
     "dyadic event data. ASONAM 2009, 200-205.", "10.1109/ASONAM.2009.28"),
)  # fmt: skip
WITHIN_WORKS = (
    ("Weidner, M. & Zylkin, T. (2021). Bias and consistency in three-way gravity models. Journal of International "
     "Economics 132, 103513.", "10.1016/j.jinteco.2021.103513"),
    ("Nickell, S. (1981). Biases in dynamic models with fixed effects. Econometrica 49, 1417-1426.", "10.2307/1911408"),
    ("Dhaene, G. & Jochmans, K. (2015). Split-panel jackknife estimation of fixed-effect models. Review of Economic "
     "Studies 82, 991-1030.", "10.1093/restud/rdv007"),
)  # fmt: skip
LADDER_WORKS = (
    ("Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour 4, "
     "1208-1214.", "10.1038/s41562-020-0912-z"),
)  # fmt: skip
EVENT_ROWS = 200
EVENTS_OPEN = 20
DAY_ROWS = 6
MARK = b'<meta name="generator" content="tertius'
"""By this a page is known to be a report of ours, near its beginning."""
MARK_WITHIN = 4096  # bytes


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart: where it goes, its specification as JSON that is safe inside HTML, its legend, how to read it, and what
    it shows."""

    id: str
    spec: Markup
    key: tuple[charts.Key, ...]
    caption: str
    alternative: str


@dataclass(frozen=True, slots=True)
class ThirdPartyRow:
    """A third party's part, as text."""

    actor: str
    events: str
    interval: str
    share: str
    pressure_share: str
    hostility: str


@dataclass(frozen=True, slots=True)
class CoefficientRow:
    """A line of the model, as text; ``carries`` marks the effect on which the answer hangs."""

    term: str
    meaning: str
    estimate: str
    se_model: str
    se_dyadic: str
    se_jackknife: str
    interval: str
    per_sd: str
    carries: bool


@dataclass(frozen=True, slots=True)
class RungRow:
    """A rung of the ladder, as text; ``answers`` marks the one on which the answer stands."""

    label: str
    status: str
    per_sd: str
    interval: str
    n: str
    text: str
    answers: bool


@dataclass(frozen=True, slots=True)
class BesideRow:
    """A term of the model with its estimate and what other ways of asking give; ``carries`` as in the coefficients."""

    term: str
    cells: tuple[Fact, ...]
    carries: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row of the data, as text."""

    date: str
    who: str
    what: str
    size: str
    sentence: str
    origin: str
    url: str


@dataclass(frozen=True, slots=True)
class DayItem:
    """One of the largest days, as text, with its heaviest rows; ``id`` is its anchor, ``more`` the rows left out."""

    id: str
    date: str
    sign: str
    size: str
    who: str
    text: str
    rows: tuple[EventRow, ...]
    more: int
    stands_out: bool


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Days of one span, in the order of time; ``start`` is the number of the first in the chart."""

    title: str
    start: int
    days: tuple[DayItem, ...]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of cells with like expected outcome, as text."""

    group: str
    expected: str
    observed: str
    ratio: str
    cells: str


@dataclass(frozen=True, slots=True)
class FitQuality:
    """How well the model fits: facts, sentences, the picture of its calibration and the table behind it."""

    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    chart: Figure
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """A heading of the page with its anchor."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Source:
    """A work to cite, with the address of its DOI where it has one."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One condition of the certificate, or one part of it."""

    name: str
    figure: str
    needed: str
    holds: str
    text: str


@dataclass(frozen=True, slots=True)
class CertificateSection:
    """The certificate, in the order in which it is shown."""

    outcome: str
    intro: str
    profile: Figure
    conditions: tuple[ConditionRow, ...]
    pictures: tuple[Figure, ...]
    pictures_note: str
    notes: tuple[str, ...]


BARS = {True: "recorded events of", False: "net weights of days, of"}


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows; the annotation of a field says what it is."""

    title: Annotated[str, "Title of the browser's window."]
    question: Annotated[str, "The question, as the heading."]
    sample: Annotated[str, "What keeps the data from proving anything; empty for other data."]
    claim: Annotated[str, "The claim that the verdict is about."]
    verdict: Annotated[str, "The verdict of the contract, as a plain word."]
    verdict_means: Annotated[str, "What the verdict means for the reader."]
    answer: Annotated[str, "The answer in one or two sentences; names nobody whom the figures do not bear out."]
    by: Annotated[str, "The part of the third party that was asked about; empty where none was."]
    rise_verdict: Annotated[str, "Whether there was a rise to explain, in a word or two."]
    rise: Annotated[str, "The rise: ratio, interval, window and reference."]
    rise_facts: Annotated[tuple[Fact, ...], "Rates before and after, and the ratio of the pair's share of everything."]
    key_facts: Annotated[tuple[Fact, ...], "The answer at a glance, for the side of a wide screen."]
    contents: Annotated[tuple[Place, ...], "The headings of the page, in their order."]
    caveats: Annotated[tuple[str, ...], "What the reader must know, most important first."]
    in_full: Annotated[str, "The answer in sentences with its figures, the same as in the terminal and in JSON."]
    certificate: Annotated[CertificateSection | None, "What came first; none where the certificate was not run."]
    pair_chart: Annotated[Figure, "The pair over time, with the pressure from third parties."]
    days: Annotated[tuple[DayGroup, ...], "The days that the chart marks: window, reference, other times."]
    days_note: Annotated[str, "How they were chosen; empty where there are none."]
    ladder_rows: Annotated[tuple[RungRow, ...], "The rungs of the ladder; empty where it was not climbed."]
    ladder_intro: Annotated[str, "What the ladder is, and on which rungs the effect's interval excludes zero."]
    ladder_caption: Annotated[str, "Caption of the table of rungs: the effect that it is about."]
    ladder_notes: Annotated[tuple[str, ...], "What may and what may not be compared between rungs."]
    n_name: Annotated[str, "Heading of the column of outcome in the likelihood: its unit."]
    rungs_chart: Annotated[Figure | None, "The effect on rungs 1 to 4; none where none could be estimated."]
    episode_chart: Annotated[Figure | None, "The path of the event study; none where there was no study."]
    curve_chart: Annotated[Figure | None, "The specification curve; none where no specification could be estimated."]
    third_chart: Annotated[Figure | None, "Third parties with intervals; none where no part differs from zero."]
    third_rows: Annotated[tuple[ThirdPartyRow, ...], "The largest parts, in the order of the chart."]
    third_caption: Annotated[str, "Caption of the table of third parties."]
    third_intro: Annotated[str, "How to read a third party's part, and whose hostility it is."]
    third_notes: Annotated[tuple[str, ...], "What shares mean, and why they may be missing."]
    totals: Annotated[tuple[Fact, ...], "Observed, expected, all third parties together, what is left unattributed."]
    part_name: Annotated[str, "Heading of the column of parts: the unit."]
    hostility_name: Annotated[str, "Heading of the column of mean hostility."]
    path_chart: Annotated[Figure | None, "The largest parts over time; none without an observed slice."]
    coefficient_chart: Annotated[Figure, "Coefficients per standard deviation."]
    coefficient_rows: Annotated[tuple[CoefficientRow, ...], "All coefficients with three standard errors."]
    coefficient_note: Annotated[str, "The model, its size and its standard errors."]
    model_notes: Annotated[tuple[str, ...], "What the fit warned of."]
    beside_names: Annotated[tuple[str, ...], "Headings of the table beside the coefficients; empty without a table."]
    beside_rows: Annotated[tuple[BesideRow, ...], "Every term with its estimate and what other ways of asking give."]
    beside_note: Annotated[str, "How to read them; inertia is never interpreted within pairs."]
    fit_quality: Annotated[FitQuality | None, "How well the model fits, folded; none where it was not asked."]
    reverse: Annotated[str, "The reverse claim with its verdict, or that it was not asked."]
    target_rows: Annotated[tuple[ThirdPartyRow, ...], "Parts through the shared target; empty where undirected."]
    target_intro: Annotated[str, "What the shared target is, and why it stands beside."]
    events_intro: Annotated[str, "How many rows there are and how many are shown."]
    events_command: Annotated[str, "The command that shows all rows; empty where there are none."]
    events_open: Annotated[tuple[EventRow, ...], "Rows shown at once, latest first."]
    events_folded: Annotated[tuple[EventRow, ...], "Further rows, folded."]
    file_name: Annotated[str, "How the names of saved pictures begin: the pair."]
    limits: Annotated[tuple[str, ...], "What this answer cannot say."]
    command: Annotated[str, "The command that repeats the answer."]
    run_facts: Annotated[tuple[Fact, ...], "Data, hash, versions, seed, time, memory."]
    sources: Annotated[tuple[Source, ...], "Works to cite."]


def check_destination(path: Path, *, make_folder: bool = False) -> None:
    """Raise UsageError where no report can be written: no folder (``make_folder``: none that could be made), a folder,
    no right to write, or a file that is not a report of ours. Nothing is written.
    """
    folder = path.parent
    if make_folder:
        folder = next(f for f in (folder, *folder.absolute().parents) if os.path.lexists(f))
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Make it first, or name another place.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", f"Name a file: {path / 'report.html'}.")
    place = path if _is_device(path) else folder
    if not os.access(place, os.W_OK):
        raise UsageError(f"Nothing can be written to {place}.", "Name another place for the report.")
    check_replaceable(path)


def check_replaceable(path: Path) -> None:
    """Raise UsageError where a file stands that is not a report of ours: it would be lost."""
    if path.is_file():
        with path.open("rb") as stream:
            ours = MARK in stream.read(MARK_WITHIN)
        if not ours:
            raise UsageError(
                f"{path} exists and is not a report of tertius.", "Name another file, or move that one away."
            )


def _is_device(path: Path) -> bool:
    """Whether a path names something to write to that is no file, such as a terminal: it is never replaced."""
    return path.exists() and not path.is_file()


def write_report(explanation: Explanation, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the page of an answer to one HTML file and return its path; the file appears whole or not at all.

    An older report of tertius is replaced; any other file only with ``overwrite``.

    Raises
    ------
    UsageError : the answer is not about a pair, the folder does not exist, another file stands there, or the file
        cannot be written. DiskFull : the disk is full.
    """
    path = Path(path)
    if not isinstance(explanation, Explanation):
        raise UsageError("A report is about a pair.", "Name one: tertius explain A B DATA --report FILE.html.")
    if not overwrite or not path.is_file():
        check_destination(path)
    html = render(explanation)
    temporary = path if _is_device(path) else path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with disk_room(f"The report {path} was not written."), temporary.open("wb") as stream:
            stream.write(html.encode("utf-8", "replace"))
            stream.flush()
            if temporary != path:
                os.fsync(stream.fileno())
        if temporary != path:
            os.replace(temporary, path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Check its rights, or name another file."
        ) from None
    finally:
        if temporary != path:
            temporary.unlink(missing_ok=True)
    return path


def render(explanation: Explanation) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader("tertius.report", "."),
        autoescape=select_autoescape(default_for_string=True, default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = build_page(explanation)
    library = vega_bundle()
    own = files("tertius.report").joinpath("page.js").read_text("utf-8")
    shown = {f.name: getattr(page, f.name) for f in fields(page)}
    return environment.get_template("page.html.j2").render(
        **shown,
        policy=content_policy(library, own),
        colours=Markup(_colour_rules()),
        scripts=(Markup(library), Markup(own)),  # not the data's: vl-convert's and ours
    )


def _colour_rules() -> str:
    """Style rules that give a legend the colours of the charts, on light paper and on a dark page."""
    light, dark = (
        " ".join(f".{name} {{ --sign: {pair[k]}; }}" for name, pair in charts.COLOURS.items()) for k in (0, 1)
    )
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{ {dark} }}"


def build_page(e: Explanation) -> Page:
    """Everything the page shows, from the answer."""
    a, fit, noun = e.attribution, e.fit, NOUN[e.outcome]
    rows = tuple(_event_row(row, e) for row in e.events[:EVENT_ROWS])
    target = largest(a.shared_target, charts.THIRD_PARTIES) if fit.directed else ()
    chosen = list(largest(a.third_parties, charts.THIRD_PARTIES))
    asked = next((t for t in a.third_parties if t.actor == e.by and t not in chosen), None)
    if asked is not None:
        chosen.append(asked)
    one_step = steps(fit).removesuffix("s")
    weight_of_thirds = "third parties' hostility weighs on" if fit.directed else "conflict with third parties weighs on"
    answer = int(e.rung.partition(" ")[0])
    rungs = rung_lines(fit.ladder, a.effect)
    drawn = charts.charts_of(e)
    return Page(
        title=f"{question(e)} {e.judgement.words.capitalize()}.",
        question=question(e),
        sample=SAMPLE if SAMPLE in e.caveats else "",
        claim=claim(e),
        verdict=e.judgement.words,
        verdict_means=because(e, brief=True),
        answer=headline(e),
        by=by_text(e),
        rise_verdict=rise_verdict(e),
        rise=rise_text(e),
        rise_facts=_rise_facts(e),
        key_facts=_key_facts(e),
        contents=_contents(e, drawn),
        caveats=(*([e.judgement.text] if e.judgement.refused else []), *how_to_read(fit, a)),
        in_full=e.text,
        certificate=_certificate(e, drawn),
        pair_chart=_figure(
            "pair-over-time",
            drawn,
            f"Bars: {BARS[fit.directed]} {both(e)} with each other. Line: how much {weight_of_thirds} both at once; it "
            "is computed from what came before, and so begins at zero where the data begin.",
            _pair_alternative(e),
        ),
        days=_day_groups(e),
        days_note=landmarks_note(e),
        ladder_rows=tuple(_rung_row(line, answer) for line in rungs),
        ladder_intro=_ladder_intro(rungs, a.effect),
        ladder_caption=f"{a.effect}: {term_meaning(a.effect, fit.directed)}",
        ladder_notes=LADDER_NOTES,
        n_name=f"n, {e.unit}",
        rungs_chart=_rungs_figure(drawn, rungs),
        episode_chart=_episode_figure(fit, drawn),
        curve_chart=_curve_figure(fit, drawn),
        third_chart=_figure(
            "third-parties",
            drawn,
            f"How much of the expected {noun} would be missing (right of zero) or added (left of zero) had each third "
            f"party's {'hostility' if fit.directed else 'conflict with the two'} stayed at its level of the reference "
            "period, under the model.",
            "; ".join(f"{r.actor}: {r.events} ({r.interval})" for r in map(_third_row, largest(a.third_parties, 12)))
            + ".",
        )
        if "third-parties" in drawn
        else None,
        third_rows=tuple(map(_third_row, chosen)),
        third_caption=f"The {len(chosen)} largest parts of {len(a.third_parties)} third parties, "
        f"window {span(a.rise.window)}",
        third_intro=_third_intro(e),
        third_notes=tuple(n for n in (total_note(a), pressure_note(e), _p_note(e), _level_note(e)) if n)
        if chosen
        else (nobody_moved(e),),
        totals=_totals(e),
        part_name=f"{e.unit.capitalize()} in the window",
        hostility_name="Conflict, reference to window" if not fit.directed else "Hostility, reference to window",
        path_chart=_figure(
            "path",
            drawn,
            f"The same figures {one_step} by {one_step}: do they grow when the pair moves, or at another time? A break "
            "in a line is a time of which less than half was observed.",
            f"{one_step.capitalize()} by {one_step}, from {a.path[0].date} to {a.path[-1].date}, the parts of "
            + ", ".join(named(x) for x in dict.fromkeys(p.actor for p in a.path))
            + ".",
        )
        if a.path
        else None,
        coefficient_chart=_figure(
            "coefficients",
            drawn,
            f"Right of zero: goes with more {noun}; left: with less; {scope(fit.model)}, not for this pair alone."
            + (INERTIA_CAPTION if fit.model == "within" and _has_inertia(fit) else ""),
            "; ".join(
                f"{c.term}: {number(c.estimate_sd)} ({interval(c.ci_low * c.sd, c.ci_high * c.sd)})"
                for c in fit.coefficients
            )
            + ".",
        ),
        coefficient_rows=tuple(
            CoefficientRow(
                c.term,
                term_meaning(c.term, fit.directed),
                number(c.estimate),
                number(c.se_model),
                number(c.se_dyadic),
                number(c.se_jackknife),
                interval(c.ci_low, c.ci_high),
                number(c.estimate_sd),
                c.term == a.effect,
            )
            for c in fit.coefficients
        ),
        coefficient_note=note(fit),
        model_notes=fit.warnings,
        beside_names=_beside_headings(fit),
        beside_rows=_beside_rows(fit, a.effect),
        beside_note=beside_note(fit),
        fit_quality=_fit_quality(fit, drawn),
        reverse=_reverse(e),
        target_rows=tuple(map(_third_row, target)),
        target_intro="Both may also be hostile to the same third party. That is a choice of theirs and no pressure on "
        "them, so that it is not part of the answer; it stands here to be compared.",
        events_intro=_events_intro(e),
        events_command=_events_command(e),
        events_open=rows[:EVENTS_OPEN],
        events_folded=rows[EVENTS_OPEN:],
        file_name=re.sub(r"[^A-Za-z0-9]+", "-", "-".join(e.pair)).strip("-")[:60] or "tertius",
        limits=limits(e),
        command=e.command,
        run_facts=_facts(e),
        sources=_sources(e),
    )


def content_policy(*scripts: str) -> str:
    """What the page may do: run these scripts, style itself, show its own images, and nothing else."""
    digests = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{d}'" for d in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def safe_json(value: Any) -> Markup:
    """JSON that can stand inside a script element: no character of it can end the element or a line of script.

    >>> safe_json("</script>&")
    Markup('"\\\\u003c/script\\\\u003e\\\\u0026"')
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _figure(name: str, drawn: dict[str, LayerChart], caption: str, alternative: str) -> Figure:
    return Figure(name, safe_json(drawn[name].to_dict()), charts.key_of(drawn[name]), caption, alternative)


def _certificate(e: Explanation, drawn: dict[str, LayerChart]) -> CertificateSection | None:
    c = e.certificate
    if c is None:
        return None
    return CertificateSection(
        outcome="Passed" if c.passed else "Not passed",
        intro="A coefficient of shared hostility comes easily and means little: hostility and cooperation move in the "
        "same period, one story is coded as both, and later hostility often explains cooperation as well as earlier "
        "hostility does. Six conditions are asked, the sixth in three parts; all must hold.",
        profile=_figure(
            "profile",
            drawn,
            profile_note(e),
            "; ".join(
                f"{' '.join(window_lines(p, e.fit.period))}: {number(p.estimate)} (z = {decimals(p.z)})"
                for p in c.profile
            )
            + ".",
        ),
        conditions=tuple(
            ConditionRow(line.name, line.figure, line.needed, "yes" if line.passed else "no", line.text)
            for line in condition_lines(c)
        ),
        pictures=tuple(
            _figure(p.name.replace(" ", "-"), drawn, p.text, _chance_alternative(p)) for p in c.pictures if p.draws
        ),
        pictures_note=CHANCE,
        notes=(
            f"{c.n_actors:,} actors, {c.n_periods:,} {periods(e.fit.period)} between the windows, legs {c.legs}. "
            + (
                f"An effect of {100 * c.smallest_found:.0f} % per within-pair standard deviation of earlier hostility "
                "would be found in four of five such data sets."
                if c.smallest_found == c.smallest_found
                else ""
            ),
            *c.notes,
            *(() if SLOW in e.judgement.text else (SLOW,)),
        ),
    )


def _reverse(e: Explanation) -> str:
    if e.reverse is None:
        return "Does cooperation draw hostility upon the two, instead? Not asked: the certificate was not run."
    return f"{e.reverse.claim} Verdict: {e.reverse.verdict}. {without_figures(e.reverse.text)}"


def _chance_alternative(p: Picture) -> str:
    draws = sorted(z for z in p.draws if z == z)
    if not draws:
        return f"No draw has a z. The data's own z is {decimals(p.observed)}."
    middle = draws[len(draws) // 2]
    return (
        f"z of earlier hostility in {len(draws)} draws: from {decimals(draws[0])} to {decimals(draws[-1])}, middle "
        f"{decimals(middle)}; the data's own: {decimals(p.observed)}."
    )


def _rung_row(line: RungLine, answer: int) -> RungRow:
    estimated = line.value == line.value
    per_sd, among = (number(line.value), interval(line.low, line.high)) if estimated else ("none", "none")
    n = "none" if line.n != line.n else f"{line.n:,.0f}"
    if line.curve:
        values = [figure(p["estimate_sd"]) for p in line.curve]
        per_sd, among, n = f"{number(values[0])} to {number(values[-1])}", "see the curve", f"{len(values)} fits"
    if line.path:
        per_sd, among = "see the path", "see the path"
    return RungRow(
        label=line.label,
        status=line.state or line.status,
        per_sd=per_sd,
        interval=among,
        n=n,
        text=beside_figures(line.text),
        answers=line.rung == answer,
    )


def _ladder_intro(rungs: tuple[RungLine, ...], term: str) -> str:
    if not rungs:
        return ""
    return (
        "The same effect, asked with more and more taken out: from all pairs side by side to each pair against itself. "
        "One that stands on one rung only is not a finding, and neither is one whose curve crosses zero. "
        f"{where_it_stands(rungs, term)}"
    )


def _rungs_figure(drawn: dict[str, LayerChart], rungs: tuple[RungLine, ...]) -> Figure | None:
    if "rungs" not in drawn:
        return None
    lines = [line for line in rungs if line.rung in charts.RUNGS]
    return _figure(
        "rungs",
        drawn,
        "One row a rung. Compare on which side of zero the interval lies, not how far from it: each rung has a "
        "standard deviation of its own.",
        "; ".join(f"{line.label}: {line_figures(line)}" for line in lines) + ".",
    )


def _episode_figure(fit: FitResult, drawn: dict[str, LayerChart]) -> Figure | None:
    path = path_of(fit.ladder)
    if "episodes" not in drawn:
        return None
    said = (
        f"{int(p['period']):+d}: {number(figure(p['estimate']))} ({interval(figure(p['low']), figure(p['high']))})"
        for p in path
    )
    return _figure(
        "episodes",
        drawn,
        "Rung 5. The path before must lie on zero: one that rises before the episode refutes, for then what moved the "
        "pairs came before the hostility.",
        "; ".join(said) + ".",
    )


def _curve_figure(fit: FitResult, drawn: dict[str, LayerChart]) -> Figure | None:
    rung = next((r for r in fit.ladder if r["rung"] == CURVE), None)
    if rung is None or "curve" not in drawn:
        return None
    points = sorted_curve(rung)
    said = (
        f"{specification(p)}: {number(p['estimate_sd'])} ({interval(figure(p['ci_low']), figure(p['ci_high']))})"
        for p in points
    )
    return _figure(
        "curve",
        drawn,
        "Rung 4 under other choices that are as defensible; the table above says in words what they give.",
        "; ".join(said) + ".",
    )


def _fit_quality(fit: FitResult, drawn: dict[str, LayerChart]) -> FitQuality | None:
    a = fit.adequacy
    if a is None:
        return None
    notes = (fitting.held_text(a), *fitting.residual_texts(a), fitting.judged_text(a))
    rows = tuple(
        GroupRow(str(k), number(g.expected), number(g.observed), f"{g.observed / g.expected:.2f}", f"{g.cells:,}")
        for k, g in enumerate(a.calibration, 1)
    )
    return FitQuality(
        facts=tuple(Fact(*f) for f in fitting.facts(a)),
        notes=tuple(n for n in notes if n),
        chart=_figure(
            "calibration",
            drawn,
            "Points on the line: as much happened as the model expected. Above it: more; below it: less.",
            fitting.calibration_text(a),
        ),
        rows=rows,
    )


def _has_inertia(fit: FitResult) -> bool:
    return any(c.term.startswith(INERTIA) for c in fit.coefficients)


def _beside_headings(fit: FitResult) -> tuple[str, ...]:
    """Headings of the table beside the coefficients; empty where nothing stands there."""
    names = tuple(f"{n[0].upper()}{n[1:]}" + ("" if n == SPLIT_PANEL else " (se)") for n in beside_names(fit))
    return ("Estimate (se)", *names) if names else ()


def _beside_rows(fit: FitResult, carries: str) -> tuple[BesideRow, ...]:
    names = _beside_headings(fit)
    return tuple(
        BesideRow(
            line.term,
            tuple(Fact(n, v) for n, v in zip(names, (line.estimate, *(v for _, v in line.others)), strict=True)),
            line.term == carries,
        )
        for line in (beside_lines(fit) if names else ())
    )


def _third_row(t: ThirdParty) -> ThirdPartyRow:
    return ThirdPartyRow(
        named(t.actor),
        number(t.events),
        interval(t.events_low, t.events_high),
        percent(t.share),
        percent(t.pressure_share),
        f"{number(t.hostility_reference)} to {number(t.hostility_window)}",
    )


def _third_intro(e: Explanation) -> str:
    if e.fit.directed:
        whose, known = "that party's hostility towards both", ""
    else:
        whose = "the hostility between that party and the pair"
        known = " Whose hostility it was cannot be known from these data."
    return (
        f"A third party's part is the {NOUN[e.outcome]} expected in the window, less what the model would expect had "
        f"{whose} stayed at its level of the reference period.{known} {parts_note(e)}"
    ).strip()


def _p_note(e: Explanation) -> str:
    p = next((t.p_adjusted for t in e.attribution.third_parties if t.p_adjusted < 1), float("nan"))
    return (
        f"All parts hang on one coefficient, {e.attribution.effect}; its p, adjusted over all third parties, is "
        f"{'below 0.0001' if p < 1e-4 else number(p)}."
    )


def _level_note(e: Explanation) -> str:
    what = "hostility towards the two" if e.fit.directed else "conflict with the two"
    return (
        f"Last column: the third party's {what}, decayed (half-life {e.fit.half_life}) and combined over both "
        f"({e.fit.legs}), in the unit of the data; mean over the {steps(e.fit)} of the reference, then of the window."
    )


def _totals(e: Explanation) -> tuple[Fact, ...]:
    a = e.attribution
    return (
        Fact(
            "Observed in the window",
            f"{number(a.observed)} {unit(e)}"
            + (f", {number(a.observed / a.expected)} times what the model expects" if a.expected > 0 else ""),
        ),
        Fact("Expected by the model", f"{number(a.expected)} {unit(e)}"),
        Fact(
            "All third parties together",
            f"{number(a.total.events)} (95 % interval {interval(a.total.low, a.total.high)})",
        ),
        Fact(
            "Unattributed",
            f"{percent(a.unattributed)} of what was expected: all less the sum of the single parts, each taken alone"
            + (", which is below zero" if a.unattributed > 1 else ""),
        ),
    )


def _rise_facts(e: Explanation) -> tuple[Fact, ...]:
    r = e.attribution.rise
    per = f"{unit(e)} per observed day"
    return (
        Fact(
            f"Reference, {span(r.reference)}",
            f"{number(r.reference_rate)} {per}, over {r.reference_observed:,.0f} observed days",
        ),
        Fact(
            f"Window, {span(r.window)}", f"{number(r.window_rate)} {per}, over {r.window_observed:,.0f} observed days"
        ),
        Fact(
            "The pair's share of all recorded " + NOUN[e.outcome],
            f"{number(r.share_ratio)} times that of the reference (free of how much is recorded in all)",
        ),
    )


def _contents(e: Explanation, drawn: dict[str, LayerChart]) -> tuple[Place, ...]:
    found = (
        ("rise", "Was there a rise?", True),
        ("caveats", "What to keep in mind", True),
        ("certificate", "The certificate", e.certificate is not None),
        ("ladder", "The ladder", bool(e.fit.ladder)),
        ("pair", "The pair over time", True),
        ("days", "The largest days", bool(e.landmarks)),
        ("third", "Third parties", True),
        ("reverse", "The reverse", True),
        ("path-heading", "Third parties over time", "path" in drawn),
        ("model", "The model behind it", True),
        ("fit-quality", "How well it fits", e.fit.adequacy is not None),
        ("rows", "The rows behind", True),
        ("limits", "What this cannot say", True),
        ("quote", "To quote", True),
        ("repeat", "How to repeat it", True),
        ("sources", "Sources to cite", True),
    )
    return tuple(Place(id, title) for id, title, there in found if there)


def _key_facts(e: Explanation) -> tuple[Fact, ...]:
    a, c = e.attribution, e.certificate
    held = () if c is None else tuple(line.passed for line in condition_lines(c))
    return (
        Fact("Verdict", e.judgement.words),
        Fact("A rise?", rise_verdict(e)),
        *(
            [Fact("Rate, window to reference", f"{number(a.rise.ratio)} ({interval(a.rise.low, a.rise.high)})")]
            if a.rise.ratio == a.rise.ratio
            else []
        ),
        Fact("Observed", f"{number(a.observed)} {unit(e)}"),
        Fact("Expected", f"{number(a.expected)} {unit(e)}"),
        Fact("Third parties' part", f"{number(a.total.events)} ({interval(a.total.low, a.total.high)})"),
        Fact("Certificate", f"{sum(held)} of {len(held)} tests hold" if held else "not run"),
        Fact("Window", span(a.rise.window)),
        Fact("Reference", span(a.rise.reference)),
    )


def _pair_alternative(e: Explanation) -> str:
    s = e.attribution.series
    gone = s.observed.count(False)
    said = [
        f"{len(s.date)} {steps(e.fit)} ({each(e.fit.slice)}) from {s.date[0]} to {s.date[-1]}"
        + (f", less than half observed of {gone} of them." if gone else ".")
    ]
    flat = tuple(1.0 for _ in s.days)  # pressure is a level and not a flow
    for name, line, days in (
        ("cooperation per observed day", s.cooperation, s.days),
        ("hostility per observed day", s.hostility, s.days),
        ("pressure", s.pressure, flat),
    ):
        seen = [(x, d, day) for x, d, day, ok in zip(line, days, s.date, s.observed, strict=True) if ok and x == x]
        if seen:
            most, day = max((x / d, day) for x, d, day in seen)
            mean = sum(x for x, _, _ in seen) / sum(d for _, d, _ in seen)
            said.append(f"{name.capitalize()}: {number(mean)} on average, at most {number(most)} ({day}).")
    return " ".join(said)


def _events_intro(e: Explanation) -> str:
    n = len(e.events)
    if n == 0:
        return "There are no rows between the two in the window."
    said = f"{n:,} row{'s' if n > 1 else ''} between the two in the window, both signs, latest first"
    return said + (":" if n <= EVENT_ROWS else f"; the latest {EVENT_ROWS} are shown. All of them:")


def _events_command(e: Explanation) -> str:
    if not e.events:
        return ""
    first, last = e.attribution.rise.window
    words = ["tertius", "events", *e.pair, e.data_name, "--from", first, "--to", last, "--limit", str(len(e.events))]
    return shlex.join(words)


def _event_row(row: Mapping[str, Any], e: Explanation) -> EventRow:
    url = str(row.get("url") or "")
    return EventRow(
        date=str(row["date"]),
        who=who_of(row, e),
        what=what_of(row, e),
        size=number(size_of(row, e)),
        sentence=str(row.get("sentence") or ""),
        origin=str(row.get("origin") or "not given"),
        url=url if url.lower().startswith(("http://", "https://")) else "",
    )


def _day_groups(e: Explanation) -> tuple[DayGroup, ...]:
    numbered = list(enumerate(e.landmarks, 1))
    found = ((name, [(n, day) for n, day in numbered if day.span == name]) for name in SPANS)
    return tuple(
        DayGroup(SPANS[name], days[0][0], tuple(_day_item(n, day, e) for n, day in days))
        for name, days in found
        if days
    )


def _day_item(n: int, day: Landmark, e: Explanation) -> DayItem:
    return DayItem(
        id=charts.day_id(n),
        date=day.date,
        sign="hostility" if day.hostile else "cooperation",
        size=day_size(day, e),
        who=day_who(day, e),
        text=day_text(day, e),
        rows=tuple(_event_row(row, e) for row in day.rows[:DAY_ROWS]),
        more=max(0, len(day.rows) - DAY_ROWS),
        stands_out=day.stands_out,
    )


def _facts(e: Explanation) -> tuple[Fact, ...]:
    f = e.fit
    memory = "n/a" if f.peak_memory_mb is None else f"{number(f.peak_memory_mb)} MB"
    return (
        Fact("Data", f"{e.data_name} (hash {f.data_hash}), {'directed' if f.directed else 'undirected, net'}"),
        Fact(
            "Model",
            f"{'within-pair' if f.model == 'within' else f.model}, rung {e.rung} of the ladder, {f.risk_set} risk set",
        ),
        Fact("Size", f"{f.n_actors:,} actors, {f.n_dyads:,} dyads at risk, {n_steps(f)}"),
        Fact("Settings", f"half-life {f.half_life}, transform {f.transform}, legs {f.legs}, decay to {f.decay_to}"),
        Fact("Versions", ", ".join(f"{k} {v}" for k, v in f.versions.items())),
        Fact("Seed", str(f.seed)),
        Fact("Time and memory", f"{number(f.seconds)} seconds to fit, {memory} at most"),
    )


def _sources(e: Explanation) -> tuple[Source, ...]:
    f = e.fit
    within, rate = f.model == "within" or bool(f.ladder), f.model == "rate" or bool(f.ladder)
    works = [
        *(e.sources or ((f"The makers of the data: {e.data_name}.", ""),)),
        (
            f"The tertius developers. tertius: who drives whom together, version {__version__} (CITATION.cff).",
            "",
        ),
        *(RATE_WORKS if rate else ()),
        *(WITHIN_WORKS if within else ()),
        *(LADDER_WORKS if f.ladder else ()),
        ("Aronow, P. M., Samii, C. & Assenova, V. A. (2015). Cluster-robust variance estimation for dyadic data. "
         "Political Analysis 23, 564-577.", "10.1093/pan/mpv018"),
        ("Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.",
         "10.1515/9781400881970-018"),
        ("Künsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations. Annals of "
         "Statistics 17, 1217-1241.", "10.1214/aos/1176347265"),
    ]  # fmt: skip
    return tuple(Source(text, f"https://doi.org/{doi}" if doi else "") for text, doi in works)

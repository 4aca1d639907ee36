"""The ladder: one effect, asked again with more and more taken out, side by side.

1 rate            who acts next, given that someone does
2 + covariates    the same, with what is known of the dyads; only where that leaves half of rung 1's outcome
3 + dyad effects  each pair compared with itself, net of what every period does to all
4 within-pair     and net of all that each actor does in each period (the default answer)
5 event study     cooperation before and after third parties turn on both (:mod:`tertius.model.checks.event_study`)
6 sensitivity     rung 4 over half-lives, legs, periods, kinds of event, with and without inertia, and with **donuts**:
                  without cooperation that fell into one slice, or was coded from one document, with hostility of a
                  third party towards both. A specification curve (Simonsohn, Simmons & Nelson 2020,
                  doi:10.1038/s41562-020-0912-z)

An effect that stands on one rung only is not a finding; a curve that crosses zero is not one either. A donut takes out
what one story coded twice, and with it cooperation that was real: it errs against the effect.

The specifications of the curve are independent of each other and run two at a time; the figures do not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.errors import ModelError, NotEnoughData, TertiusError
from tertius.events.covariates import AnyCovariate
from tertius.events.slices import DyadSlices, at_full_exposure, coarsened, without_same_slice_triads
from tertius.language import joined, say
from tertius.memory import available_bytes
from tertius.model.beside import PathPoint, Rung, Specification
from tertius.model.budget import check_memory
from tertius.model.checks import event_study
from tertius.model.checks.event_study import EventStudy
from tertius.model.coefficients import Coefficient, coefficient_table
from tertius.model.corrected import Corrected
from tertius.model.design import build_design
from tertius.model.parallel import threads
from tertius.model.rate.fit import fit_rate
from tertius.model.robust import Covariances, covariances
from tertius.model.within.model import INERTIA, Panel, corrected_of, covariances_of, panel_of
from tertius.model.within.ppml import WithinFit
from tertius.model.within.two_way import fit_two_way
from tertius.plain import number
from tertius.progress import Progress
from tertius.spec import DEFAULT_LEGS, Duration, HalfLife, ModelSpec

NAMES = {
    1: say("rate"),
    2: say("+ covariates"),
    3: say("+ dyad effects"),
    4: say("within-pair"),
    5: say("event study"),
    6: say("sensitivity"),
}
WITHIN_PAIR = 4
HALF_LIVES = ("30d", "90d", "1y")
LEGS = ("min", "sqrt", "binary")
LEGS_THAT_DECAY = ("min", "sqrt")
KINDS = ("verbal", "material")
SHARE_FOR_RUNG_2 = 0.5
DAY = Duration(1, "d")
WORKERS = 2
COPIES_OF_A_STUDY = 12  # tensors of periods and pairs
COPIES_OF_A_POINT = 30

SlicesFor = Callable[[Duration, str], DyadSlices]
"""(length, "all", "verbal" or "material") -> slices of that length from events of that kind."""

WithoutDocuments = Callable[[Duration], DyadSlices | None]
"""length -> slices without triads coded from one document; None where no row names a document."""

Step = Callable[[str], None]
"""Called with the name of each rung before it starts: "4 within-pair"."""

CovariatesFor = Callable[[DyadSlices], tuple[AnyCovariate, ...]]
"""slices -> the covariates of their actors."""


def climb(
    slices_for: SlicesFor,
    spec: ModelSpec,
    covariates_for: CovariatesFor,
    term: str,
    legs: str | None = None,
    *,
    without_documents: WithoutDocuments | None = None,
    step: Step | None = None,
) -> tuple[Rung, ...]:
    """All rungs for one spec.

    Parameters
    ----------
    slices_for : makes slices.
    spec : resolved for the rate model.
    legs : of every rung; None takes each model's default (rungs 1 and 2 sqrt, the others min).
    covariates_for : the covariates for some slices' actors (none: an empty tuple).
    term : the effect that the texts and the curve are about.
    without_documents : slices without triads of one document; None counts as data that name none.
    step : called with the name of each rung, and how many are done, before it starts.
    """
    assert spec.slice is not None

    def begin(rung: int) -> None:
        if step is not None:
            step(Progress(f"{rung} {NAMES[rung]}", rung - 1, len(NAMES), unit="rungs"))

    slices = slices_for(spec.slice, "all")
    covariates = covariates_for(slices)
    own = tuple(e for e in spec.effects or () if e not in {c.name for c in covariates}) or None
    rate_spec = replace(spec, model="rate", legs=legs or DEFAULT_LEGS["rate"])
    first, second = _rates(slices, rate_spec, own, covariates, term, begin)
    use = bool(covariates) and second.status == "estimated"

    by_period = slices_for(spec.period, "all")
    within_spec = replace(spec, model="within", legs=legs or DEFAULT_LEGS["within"], slice=spec.period)
    within_spec = within_spec if use else replace(within_spec, effects=own)
    shared = _Shared(by_period, within_spec, covariates_for(by_period) if use else ())
    curve = _Curve(slices_for, covariates_for if use else _none, without_documents, shared, spec.slice, term)
    makers: dict[int, Callable[[], Rung]] = {
        3: lambda: _two_way(shared, term),
        4: lambda: _within(shared, term),
        5: lambda: _event_study(by_period, within_spec),
        6: lambda: _curve(curve),
    }
    later: list[Rung] = []
    with threadpool_limits(1):
        for rung, make in makers.items():
            begin(rung)
            later.append(_guarded(rung, make))
    if covariates and not use:
        later = [
            replace(r, text=f"{r.text} Without the covariates.") if r.status == "estimated" and r.rung != 5 else r
            for r in later
        ]
    return first, second, *later


def _rates(
    slices: DyadSlices,
    spec: ModelSpec,
    own: tuple[str, ...] | None,
    covariates: tuple[AnyCovariate, ...],
    term: str,
    begin: Callable[[int], None],
) -> tuple[Rung, Rung]:
    """Rungs 1 and 2; ``own`` are the effects that are no covariates."""
    begin(1)
    first = _guarded(1, lambda: _rate(1, slices, replace(spec, effects=own), (), term))
    begin(2)
    if not covariates:
        return first, _absent(2, say("No covariates were given (--covariates)."))
    return first, _guarded(2, lambda: _rate(2, slices, spec, covariates, term, first.n))


class _Shared:
    """The panel of rung 4 and its fit, made once for rungs 3 and 4 and the first point of the curve."""

    def __init__(self, slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...]) -> None:
        self.slices, self.spec, self.covariates = slices, spec, covariates
        self._panel: Panel | None = None
        self._fit: WithinFit | None = None

    def panel(self) -> Panel:
        """Raises ModelError."""
        if self._panel is None:
            self._panel = panel_of(self.slices, self.spec, self.covariates)
        return self._panel

    def fit(self) -> WithinFit:
        """All terms. Raises ModelError."""
        if self._fit is None:
            self._fit = self.panel().fit(bias_correction=self.spec.bias_correction)
        return self._fit


def _none(_: DyadSlices) -> tuple[AnyCovariate, ...]:
    return ()


def _guarded(rung: int, make: Callable[[], Rung]) -> Rung:
    try:
        return make()
    except ModelError as error:
        return Rung(rung, NAMES[rung], say("refused"), None, None, None, None, (), error.message)


def _absent(rung: int, why: str) -> Rung:
    return Rung(rung, NAMES[rung], say("not available"), None, None, None, None, (), why)


def _rate(
    rung: int,
    slices: DyadSlices,
    spec: ModelSpec,
    covariates: tuple[AnyCovariate, ...],
    term: str,
    n_before: float | None = None,
) -> Rung:
    fit = fit_rate(build_design(slices, spec, covariates))
    if n_before and fit.total < SHARE_FOR_RUNG_2 * n_before:
        return _absent(
            rung,
            say(
                "The covariates leave {total:,.0f} of {n_before:,.0f}, less than half: not comparable with rung 1.",
                total=fit.total,
                n_before=n_before,
            ),
        )
    lines = coefficient_table(fit.design.names, fit.beta, fit.cov, fit.sd, fit.design.scales)
    return _rung(rung, lines, fit.total, tuple(a.term for a in fit.absorbed), term, spec)


def _two_way(shared: _Shared, term: str) -> Rung:
    panel = shared.panel()
    cells = panel.design.at_risk
    n = shared.slices.n_actors
    T = len(panel.Y)
    y = panel.Y.reshape(T, n * n)[:, cells].T
    x = np.stack([X.reshape(T, n * n)[:, cells] for X in panel.X]).transpose(2, 0, 1)
    live = panel.at_risk.reshape(T, n * n)[:, cells].T
    beta, U, H, kept, terms = fit_two_way(y, x, live)
    ends = cells[kept]
    keys, place = np.unique(np.minimum(ends // n, ends % n) * n + np.maximum(ends // n, ends % n), return_inverse=True)
    U_d, H_d = np.zeros((len(keys), len(terms))), np.zeros((len(keys), len(terms), len(terms)))
    np.add.at(U_d, place, U)
    np.add.at(H_d, place, H)
    cov = covariances(U_d, H_d, keys // n, keys % n, n)
    names = [panel.design.names[k] for k in terms]
    total = float(y[kept][live[kept]].sum())
    sd = np.sqrt(np.diag(H_d.sum(axis=0)) / total)
    lines = coefficient_table(names, beta, cov, sd, panel.design.scales[terms])
    absorbed = tuple(name for k, name in enumerate(panel.design.names) if k not in terms)
    return _rung(3, lines, total, absorbed, term, shared.spec)


def _within(shared: _Shared, term: str) -> Rung:
    panel, fit, spec = shared.panel(), shared.fit(), shared.spec
    scales = dict(zip(panel.design.names, panel.design.scales, strict=True))
    lines = coefficient_table(
        fit.names, fit.beta, covariances_of(fit, spec), fit.within_sd, np.array([scales[n] for n in fit.names])
    )
    total = float(fit.mu.sum()) * (1.0 if shared.slices.directed else 0.5)
    rung = _rung(WITHIN_PAIR, lines, total, tuple(a.term for a in fit.absorbed), term, spec)
    found = corrected_of(panel, fit)
    if found is None:
        return rung
    return replace(rung, bias_correction=found, text=joined((rung.text, _less_bias(found, term))).rstrip())


def _less_bias(found: Corrected, term: str) -> str:
    """The corrected estimate per standard deviation, in a sentence."""
    line = next((c for c in found.coefficients if c.term == term), None)
    if line is None:
        return ""
    sd = line.estimate_sd / line.estimate if line.estimate else float("nan")
    covered = say(" The correction does not cover terms made of earlier events.") if term in found.not_covered else ""
    return say(
        "Corrected for the bias of order 1/N: {estimate_sd} ({ci_low} to {ci_high}).{covered}",
        estimate_sd=number(line.estimate_sd),
        ci_low=number(line.ci_low * sd),
        ci_high=number(line.ci_high * sd),
        covered=covered,
    )


def _event_study(slices: DyadSlices, spec: ModelSpec) -> Rung:
    needed = COPIES_OF_A_STUDY * slices.n_slices * slices.n_actors**2 * 8
    check_memory(needed, "The event study", slices, "Choose a longer --period or fewer --actors.")
    response = spec.response or "count"
    hostility = at_full_exposure(event_study.tensor(slices, slices.outcome("hostility", response)), slices)
    try:
        found = event_study.study(
            event_study.tensor(slices, slices.outcome(spec.outcome, response)),
            hostility / np.diff(slices.edges)[:, None, None],
            directed=slices.directed,
            observed=slices.observed,
        )
    except NotEnoughData as error:
        return _absent(5, error.message)
    path = tuple(PathPoint(k, r.estimate, r.low, r.high, r.n) for k, r in found.path)
    lines = tuple(_average(name, r) for name, r in (("before", found.before), ("after", found.after)))
    return Rung(5, NAMES[5], say("estimated"), lines, path, None, found.n, (), _in_words(found, spec, slices.directed))


def _average(name: str, r: event_study.Ratio) -> Coefficient:
    """An average of the path as a line: its unit is log points, and one standard deviation is one episode."""
    V = np.array([[r.se**2]])
    (line,) = coefficient_table([name], np.array([r.estimate]), Covariances(V, V, V, V), np.ones(1), np.ones(1))
    return replace(line, se_model=float("nan"), se_dyad_clustered=float("nan"), se_dyadic=float("nan"))


def _in_words(found: EventStudy, spec: ModelSpec, directed: bool) -> str:
    """The event study in sentences."""
    met = say("was hostile to") if directed else say("was in conflict with")
    flat = {
        True: say("Within its intervals, the path before is flat."),
        False: say("The path before is not flat: these pairs were already changing before the hostility came."),
        None: say("Whether the path before is flat cannot be tested."),
    }[found.flat]
    return say(
        "{episodes:,} episodes of {pairs:,} pairs: a third party {met} both, above the flows' own {percentile}th "
        "percentile and each at least a tenth of what the state met, after {quiet} periods without. In the "
        "{after} periods from then on {outcome} was {times} what the pairs' untreated periods and all else the "
        "two did would predict; in the {leads} before, {times2}, changing by {estimate} log points a period "
        "({low} to {high}). {flat} A path that rises before the episode speaks against an effect; the episode's "
        "own period, whose order of events is unknown, is among the {after}. Washed out, neither treated nor "
        "compared with: {washed_out:,} cells within {after2} periods of other joint hostility, against "
        "{untreated:,} untreated and {cells:,} around the episodes; {unidentified:,} more there could not be "
        "imputed.",
        episodes=found.episodes,
        pairs=found.pairs,
        met=met,
        percentile=event_study.PERCENTILE,
        quiet=event_study.QUIET,
        after=event_study.AFTER,
        outcome=spec.outcome,
        times=_times(found.after),
        leads=event_study.LEADS,
        times2=_times(found.before),
        estimate=number(found.trend.estimate),
        low=number(found.trend.low),
        high=number(found.trend.high),
        flat=flat,
        washed_out=found.washed_out,
        after2=event_study.AFTER + event_study.WASHOUT,
        untreated=found.untreated,
        cells=found.cells,
        unidentified=found.unidentified,
    )


def _times(r: event_study.Ratio) -> str:
    return say(
        "{exp} times ({exp2} to {exp3})",
        exp=number(np.exp(r.estimate)),
        exp2=number(np.exp(r.low)),
        exp3=number(np.exp(r.high)),
    )


@dataclass(frozen=True, slots=True)
class _Curve:
    """What the curve is made of: where slices and covariates come from, rung 4, the slice of rung 1, the effect."""

    slices_for: SlicesFor
    covariates_for: CovariatesFor
    without_documents: WithoutDocuments | None
    shared: _Shared
    slice: Duration
    term: str


Job = Callable[[], list[Specification | None]]


def _curve(c: _Curve) -> Rung:
    """Half-lives x legs, with and without inertia; the doubled period; verbal and material events alone; the donuts.

    Binary legs ask whether anything ever came before, whatever the half-life, and are asked once.
    """
    slices, spec, term = c.shared.slices, replace(c.shared.spec, bias_correction=False), c.term
    covariates = c.shared.covariates
    jobs: list[Job] = [lambda: _points(c.shared, term, "all")]
    for half_life in dict.fromkeys((str(spec.half_life), *HALF_LIVES)):
        for legs in LEGS if half_life == str(spec.half_life) else LEGS_THAT_DECAY:
            varied = replace(spec, half_life=HalfLife.parse(half_life), legs=legs)
            if varied != spec:
                jobs.append(lambda at=varied: _points(_Shared(slices, at, covariates), term, "all"))  # type: ignore[misc]
    double = Duration(2 * spec.period.n, spec.period.unit)
    others = [(double, "all", replace(spec, period=double, slice=double))]
    if slices.directed:
        others += [(spec.period, kind, spec) for kind in KINDS]
    jobs += [lambda at=at: _points_of(c, *at) for at in others]  # type: ignore[misc]
    donuts, notes = _donuts(c)
    jobs += [lambda at=at: _points(_Shared(at[1], spec, covariates), term, "all", at[0]) for at in donuts]  # type: ignore[misc]

    # None: a specification that was refused
    attempts = [p for found in _run(jobs, slices, spec) for p in found]
    points = [p for p in attempts if p is not None]
    refused = len(attempts) - len(points)
    points.sort(key=lambda point: point.estimate_sd)
    if not points:
        return Rung(
            6,
            NAMES[6],
            say("refused"),
            None,
            None,
            None,
            None,
            (),
            say("No specification could estimate {term}.", term=term),
        )
    estimates = np.array([p.estimate_sd for p in points])
    above = sum(p.ci_low > 0 for p in points)
    below = sum(p.ci_high < 0 for p in points)
    text = say(
        "{term} in {points} specifications: {min} to {max} per standard deviation, median {median}; the interval "
        "lies above zero in {above}, below in {below}.",
        term=term,
        points=len(points),
        min=number(estimates.min()),
        max=number(estimates.max()),
        median=number(float(np.median(estimates))),
        above=above,
        below=below,
    ) + (say(" {refused} more could not be estimated.", refused=refused) if refused else "")
    said = [text, *(note if donut is None else _changed(points, spec, donut, note) for donut, note in notes)]
    return Rung(6, NAMES[6], say("estimated"), None, None, tuple(points), None, (), joined(said, " "))


def _run(jobs: Sequence[Job], slices: DyadSlices, spec: ModelSpec) -> list[list[Specification | None]]:
    """All points, in the order of the jobs; two at a time where memory allows."""
    needed = COPIES_OF_A_POINT * slices.n_slices * slices.n_actors**2 * 8
    there = available_bytes()
    with threads(WORKERS if there is None or WORKERS * needed <= there else 1) as pool:
        return list(pool.map(lambda job: job(), jobs))


def _donuts(c: _Curve) -> tuple[list[tuple[str, DyadSlices]], list[tuple[str | None, str]]]:
    """(donut, slices by period without its triads), and (donut, what was left out), or (None, why there is none)."""
    slices, spec = c.shared.slices, c.shared.spec
    if spec.outcome != "cooperation":
        return [], [(None, say("Triads of one slice or document are left out of cooperation only."))]
    made: list[tuple[str, DyadSlices]] = []
    notes: list[tuple[str | None, str]] = []
    fine = c.slice if c.slice.days < DAY.days else DAY
    hostile = say("hostile to both") if slices.directed else say("in conflict with both")

    def share(kept: DyadSlices) -> str:
        response = spec.response or "count"
        total, left = (float(s.outcome("cooperation", response).sum()) for s in (slices, kept))
        return say("{left:.3g} % of cooperation", left=100 * (1 - left / total))

    try:
        short = coarsened(without_same_slice_triads(c.slices_for(fine, "all")), slices)
    except (TertiusError, ValueError) as error:
        why = (
            error.message
            if isinstance(error, TertiusError)
            else say("periods of {period} hold no whole {fine}.", period=spec.period, fine=fine)
        )
        notes.append((None, say("Triads of one slice cannot be left out: {why}", why=why)))
    else:
        made.append(("slice", short))
        notes.append(
            (
                "slice",
                say(
                    "in the same {fine} in which a third party was {hostile} ({share})",
                    fine=fine,
                    hostile=hostile,
                    share=share(short),
                ),
            )
        )
    named = c.without_documents(spec.period) if c.without_documents is not None else None
    if named is None:
        notes.append(
            (None, say("No row names its document, so that triads coded from one document cannot be left out."))
        )
    else:
        made.append(("document", named))
        notes.append(
            (
                "document",
                say("from a document that has a third party {hostile} ({share})", hostile=hostile, share=share(named)),
            )
        )
    return made, notes


def _changed(points: Sequence[Specification], spec: ModelSpec, donut: str, what: str) -> str:
    """How the estimate of rung 4 changes with a donut, in a sentence."""

    def figures(donut: str) -> str | None:
        mine = (str(spec.half_life), spec.legs, str(spec.period), "all", True, donut)
        p = next((p for p in points if p.chosen == mine), None)
        return (
            None
            if p is None
            else say(
                "{estimate_sd} ({ci_low} to {ci_high})",
                estimate_sd=number(p.estimate_sd),
                ci_low=number(p.ci_low),
                ci_high=number(p.ci_high),
            )
        )

    before, after = figures(say("none")), figures(donut)
    return say(
        "Without cooperation {what}: {after}, with it {before}.",
        what=what,
        after=after or "no estimate",
        before=before or "none",
    )


def _points_of(c: _Curve, length: Duration, kind: str, spec: ModelSpec) -> list[Specification | None]:
    try:
        slices = c.slices_for(length, kind)
    except TertiusError:  # too few periods, or no event of the kind
        return [None]
    return _points(_Shared(slices, spec, c.covariates_for(slices)), c.term, kind)


def _points(at: _Shared, term: str, kind: str, donut: str = say("none")) -> list[Specification | None]:
    """The term with and without inertia under one spec; None where the model is refused."""
    spec = at.spec
    try:
        panel = at.panel()
    except ModelError:
        return [None]
    others = tuple(n for n in panel.design.names if not n.startswith(INERTIA))
    found: list[Specification | None] = []
    for inertia in (True, False) if len(others) < len(panel.design.names) else (False,):
        try:
            fit = at.fit() if inertia or len(others) == len(panel.design.names) else panel.fit(terms=others)
        except ModelError:
            fit = None
        line = _line(fit, spec, term) if fit else None
        if line is None:
            found.append(None)
        else:
            found.append(
                Specification(
                    half_life=str(spec.half_life),
                    legs=spec.legs,
                    period=str(spec.period),
                    kind=kind,
                    inertia=inertia,
                    donut=donut,
                    estimate=line.estimate,
                    estimate_sd=line.estimate_sd,
                    ci_low=line.ci_low * line.sd,
                    ci_high=line.ci_high * line.sd,
                    z=line.z,
                )
            )
    return found


def _line(fit: WithinFit, spec: ModelSpec, term: str) -> Coefficient | None:
    if term not in fit.names:
        return None
    table = coefficient_table(fit.names, fit.beta, covariances_of(fit, spec), fit.within_sd, np.ones(len(fit.names)))
    return next(line for line in table if line.term == term)


def _rung(
    rung: int, lines: tuple[Coefficient, ...], n: float, absorbed: tuple[str, ...], term: str, spec: ModelSpec
) -> Rung:
    line = next((c for c in lines if c.term == term), None)
    if line is None:
        text, figures = say("{term} is not among the terms that can be estimated here.", term=term), ""
    else:
        text = say("Legs {legs}.", legs=spec.legs)
        figures = say(
            "{term} {estimate_sd} per standard deviation, 95 % interval {ci_low} to {ci_high}; n = {n:,.0f}.",
            term=term,
            estimate_sd=number(line.estimate_sd),
            ci_low=number(line.ci_low * line.sd),
            ci_high=number(line.ci_high * line.sd),
            n=n,
        )
    legs = str(spec.legs) if rung == WITHIN_PAIR else ""
    return Rung(rung, NAMES[rung], say("estimated"), lines, None, None, n, absorbed, text, figures, legs)

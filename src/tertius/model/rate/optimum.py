"""Where the rate model's likelihood has its maximum, in as few passes over all slices as can be.

Large designs are built anew in every pass, so that passes are what counts. Start values come from evenly spaced slices;
the optimum is that of all. Two passes over all of them are the rule: the gradient at the sample's optimum, and Newton's
step from where it leads, with scores and information of every dyad. The step is taken, the scores are moved along it
to first order, and errors are those at its foot: the step is short, and what it leaves (told by the evenly spaced
slices, :mod:`tertius.model.rate.surrogate`) is below :data:`TOLERANCE`, or there is another pass.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from tertius.errors import NoConvergence, Separation
from tertius.events.slices import Floats
from tertius.language import say
from tertius.model.budget import SAMPLE_BYTES, WORTH_FORKING, full_bytes
from tertius.model.design import Design, Outcome
from tertius.model.rate.identified import COLLAPSED, check_separation, information_left
from tertius.model.rate.newton import NOISE, length, newton, solve
from tertius.model.rate.sums import Sums, sums_at
from tertius.model.rate.surrogate import rests, stands_for
from tertius.progress import WORTH_WARNING, Teller, foreseen

DECREMENT = 1e-12  # stop where a Newton step would raise the log-likelihood by less than half of this
SAMPLE_DECREMENT = 1e-2  # the same, on a sample of slices
SAMPLE_SLICES = 125  # for start values
WORTH_SAMPLING = 4  # sample one slice in four at most, or none
TOLERANCE = {"float64": 1e-8, "float32": 2e-3}  # standard errors that the last step may leave, and share of the
# information that it may move
EVENTS_A_COLUMN = 30  # that a sample of slices must have
PATIENCE = 8  # passes from a start near the optimum
SHARE_MISSED = 0.02  # of a step made with the information of a sample, at most (only foreseen: it is looked at after)
FEWER = 4  # of the sampled slices, the very first steps, which lead far and need little, look at one in four
NEAR = 1.0  # standard errors: of a longer step a sample of slices may tell too little
HOPE = 2.0  # how much worse than the tolerance the next step may be foreseen for its pass to sum up by cell
REMAINDER = 2.0  # a Newton step of d standard errors moves the information by about d / sqrt(events) times this:
# a guess where nothing is known yet
PASSES = 2.0  # passes over all slices that are foreseen, as long as the first, from a sample's optimum
PASSES_FROM_ZERO = 10.0  # and from zero


@dataclass(frozen=True, slots=True)
class StepReport:
    """A step, its ``size`` and how far from its end the optimum still is (``left``), both in standard errors; by which
    share the information ``moves`` along it; and the rest of the log-likelihood (``height``). As the sample tells."""

    step: Floats
    size: float
    left: float
    moves: float
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """The optimum is beta + last.step; ``at`` are the sums at beta, by cell."""

    beta: Floats
    last: StepReport
    at: Sums
    iterations: int
    passes: int

    @property
    def log_likelihood(self) -> float:
        """At the optimum."""
        step = self.last.step
        gained = float(step @ self.at.gradient - step @ self.at.information @ step / 2)
        return self.at.log_likelihood + gained + self.last.height


@dataclass(frozen=True, slots=True)
class _Start:
    """Where all slices are to be looked at next: ``beta``, thought to be ``left`` standard errors from the optimum.

    ``zero`` are sums at zero, over the slices of ``sample`` (None: all), which come with what each stands for.
    ``curved``: a step of d standard errors is thought to leave d^2 times this.
    """

    beta: Floats
    zero: Sums
    steps: int
    passes: int
    left: float
    curved: float
    sample: tuple[Design, Floats] | None


def maximise(design: Design, outcome: Outcome, tell: Teller, noise: float) -> Found:
    """Newton on a sample of slices for the start, then on all of them.

    From the sample's optimum a step asks for the gradient g of all slices only: it goes to the optimum of the surrogate
    l_sample(beta) + beta . (g / ratio - g_sample), whose first derivative is that of all slices and whose higher ones
    are the sample's (Jordan, Lee & Yang 2019, doi:10.1080/01621459.2018.1429274). What it misses the next step puts
    right, Newton's on all slices. The pass that is foreseen to be the last sums up by cell; the last it is where its
    step is short and leaves less than :data:`TOLERANCE`.

    ``noise``: standard errors below which steps in this precision mean nothing.
    """
    zero = np.zeros(len(design.columns))
    few = max(1, len(design.used) // SAMPLE_SLICES, -(-design.block_bytes * len(design.used) // SAMPLE_BYTES))
    sample = design.every(few) if few >= WORTH_SAMPLING else design
    if sample is not design:
        try:
            once = design.dtype is np.float32 and design.block_bytes * len(design.used) > WORTH_FORKING
            return _from_sample(replace(design, once=once), sample, outcome, tell, noise)
        except (Separation, NoConvergence):
            tell.line(say("the sample of slices gives no start"))
    tell.start(say("step {n}", n=1))
    began = time.perf_counter()
    start = sums_at(design, outcome, zero, tell=tell)
    _foresee(tell, design, time.perf_counter() - began, len(design.used), PASSES_FROM_ZERO)
    beta, steps, _ = newton(design, outcome, zero, start, zero, tell, DECREMENT, noise)
    curved = REMAINDER / float(np.sqrt(start.total))
    return _polish(design, outcome, _Start(beta, start, steps, steps, 0.0, curved, None), tell)


def _from_sample(design: Design, sample: Design, outcome: Outcome, tell: Teller, noise: float) -> Found:
    zero = np.zeros(len(design.columns))
    tell.start(say("start values"))
    began = time.perf_counter()
    start = sums_at(sample, outcome, zero, tell=tell)
    _foresee(tell, design, time.perf_counter() - began, len(sample.used), PASSES)
    events = float(design.slices.per_slice(outcome.values)[design.used].sum())
    if start.total < EVENTS_A_COLUMN * len(zero):
        raise NoConvergence("A sample of slices has too few events.", "")
    noise *= float(np.sqrt(start.total / events))
    beta, before = _from_fewer(sample, outcome, tell, noise)
    at = sums_at(sample, outcome, beta) if before else start
    beta, steps, _ = newton(sample, outcome, beta, at, zero, tell, SAMPLE_DECREMENT, noise)
    tell.start(say("pass {n}", n=1))
    all_slices = sums_at(design, outcome, beta, information=False, tell=tell)
    at = sums_at(sample, outcome, beta)
    tilt = all_slices.gradient * (at.total / all_slices.total) - at.gradient
    best, added, _ = newton(sample, outcome, beta, at, tilt, tell, DECREMENT, noise)
    known = (sample, stands_for(design, sample, outcome))
    report = _report(known, outcome, beta, best - beta, at.information * (all_slices.total / at.total))
    curved = report.left / max(report.size, 1.0) ** 2
    begun = _Start(best, start, before + steps + added, 1, report.size * SHARE_MISSED, curved, known)
    return _polish(design, outcome, begun, tell)


def _from_fewer(sample: Design, outcome: Outcome, tell: Teller, noise: float) -> tuple[Floats, int]:
    """Where a part of the sample has its optimum, and the steps to there; zero where it has none."""
    zero = np.zeros(len(sample.columns))
    part = sample.every(FEWER)
    try:
        at = sums_at(part, outcome, zero)
        if at.total >= EVENTS_A_COLUMN / 2 * len(zero):  # a poor start costs a few steps
            beta, steps, _ = newton(part, outcome, zero, at, zero, tell, SAMPLE_DECREMENT, noise)
            return beta, steps
    except (Separation, NoConvergence):
        pass
    return zero, 0


def _report(
    sample: tuple[Design, Floats], outcome: Outcome, beta: Floats, step: Floats, information: Floats
) -> StepReport:
    """What the sample tells of a step; ``information`` (p, p): of all slices at beta."""
    size = length(step, information)
    told = rests(*sample, outcome, beta, step)
    if not np.diag(told.information).all():  # some column it does not know: as of an effect that rests on four events
        return StepReport(step, size, size**2, size)
    shares, _ = information_left(information, information + told.information)
    left = length(solve(information, told.gradient), information)
    return StepReport(step, size, left, float(np.abs(shares - 1.0).max()), told.height)


def _polish(design: Design, outcome: Outcome, start: _Start, tell: Teller) -> Found:
    """Newton on all slices from a start near the optimum, until a short step leaves less than the tolerance.

    A step's size is what the one before left: where that was more than its report said, reports count that many
    times as much from then on.
    """
    beta, steps, passes, left, curved = start.beta, start.steps, start.passes, start.left, start.curved
    tolerance, highest, told, wrong = TOLERANCE[np.dtype(design.dtype).name], -np.inf, np.inf, 1.0
    for _ in range(PATIENCE):
        final = left <= NEAR and curved * left <= HOPE * tolerance
        passes += 1
        tell.start(say("pass {n}, with standard errors", n=passes) if final else say("pass {n}", n=passes))
        new = sums_at(design, outcome, beta, cells=final, spread=final, tell=tell)
        step = solve(new.information, new.gradient)
        if start.sample is None:
            size = length(step, new.information)
            report = StepReport(step, size, start.curved * size**2, start.curved * size)
        else:
            report = _report(start.sample, outcome, beta, step, new.information)
            wrong = max(wrong, report.size / max(told, tolerance))
        told, left = report.left, wrong * report.left
        steps += 1
        tell.step(steps, new.log_likelihood, report.size**2 / 2)
        if final and max(left, report.moves) <= tolerance and report.size <= NEAR:
            before = start.zero.information * (new.total / start.zero.total)
            if start.sample is not None and information_left(before, new.information)[0][0] < COLLAPSED:
                break  # no information where the sample led: nothing to tell an optimum by
            check_separation(design, outcome, beta, before, new.information)
            return Found(beta, replace(report, left=left), new, steps, passes)
        if new.log_likelihood < highest - NOISE * abs(highest):
            break
        beta, highest = beta + step, max(highest, new.log_likelihood)
        curved = max(curved, left / max(report.size, tolerance) ** 2) if final else curved
    raise NoConvergence(
        f"The likelihood found no maximum in {steps} Newton steps.", "Use fewer --effects or a longer span."
    )


def _foresee(tell: Teller, design: Design, seconds: float, slices: int, passes: float) -> None:
    """Say what time and memory a fit that builds every block anew will take; ``slices`` of them took ``seconds``."""
    whole = passes * seconds / slices * len(design.used)
    if not design.is_kept and whole > WORTH_WARNING:
        n, D, p, T = design.slices.n_actors, len(design.at_risk), len(design.columns), len(design.used)
        tell.line(foreseen(whole, full_bytes(n, D, p, T, np.dtype(design.dtype).itemsize)))

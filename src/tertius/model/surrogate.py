"""What a sample of slices tells of the way from one point of the likelihood to another, for all slices.

A walk over all slices gives log-likelihood l, gradient g and information H at one point beta. At beta + s they are

    l + g . s - s'H s / 2 + height,   g - H s + gradient,   H + information,

and the three rests are, slice by slice, expectations under the model given the past: with u = s . (x - xbar), m the
mean of e^u and p the probabilities of the slice's dyads at beta,

    height = - n (log m - mean(u^2) / 2),   gradient = - n sum_d p_d (e^u_d / m - 1 - u_d) x_d,

and the difference of the two informations. No outcome is in them, only its total n. Pasts change slowly, so that their
sum over all slices is nearly that of evenly spaced ones, each with the events of the slices around it for a weight:
systematic sampling, whose error is told by the differences between neighbours (Wolter 1984,
doi:10.1080/01621459.1984.10477095). A surrogate of the likelihood whose lower derivatives are those of all data and
whose higher ones are a sample's: Jordan, Lee & Yang 2019, doi:10.1080/01621459.2018.1429274.

Cost: one evaluation of each sampled slice, and two with information for the last.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tertius.events.slices import Bools, Floats, Ints
from tertius.model.design import Design, Outcome, spans_of
from tertius.model.likelihood import Drawn, SliceTerms, slice_terms
from tertius.model.parallel import in_order
from tertius.model.robust import whitener


@dataclass(frozen=True, slots=True)
class Rests:
    """Rests of log-likelihood and gradient, of all slices. S sampled slices, p columns.

    Attributes
    ----------
    height : of the log-likelihood.
    gradient : (p,).
    between : (S - 1, p) differences between neighbouring slices, whose squares add up to twice the variance of
        ``gradient``.
    """

    height: float
    gradient: Floats
    between: Floats

    def errors(self, information: Floats) -> float:
        """Standard errors that ``gradient`` may be wrong by, over all directions; ``information`` (p, p): of all."""
        root, _ = whitener(information)
        return float(np.sqrt(np.sum((self.between @ root) ** 2) / 2))


@dataclass(frozen=True, slots=True)
class Moved:
    """The rest of the information, of all slices. S sampled slices, p columns.

    Attributes
    ----------
    information : (p, p).
    between : (S - 1, p, p) differences between neighbouring slices, as in :class:`Rests`.
    variance : (S, p, p) of the columns in every slice at beta: its information, by event.
    """

    information: Floats
    between: Floats
    variance: Floats

    def shares(self, information: Floats) -> tuple[float, float]:
        """By which share of ``information`` (p, p), of all slices at beta, it moves at most, and may beyond that."""
        root, _ = whitener(information)
        moves = np.linalg.eigvalsh(root.T @ self.information @ root)
        return float(np.abs(moves).max()), float(np.sqrt(np.sum((root.T @ self.between @ root) ** 2) / 2))


def stands_for(design: Design, sample: Design, outcome: Outcome) -> Floats:
    """(S,) events of the slices of ``design`` that lie nearest to each slice of ``sample``, per event of its own."""
    events = design.slices.per_slice(outcome.values)
    place = np.searchsorted(design.used, sample.used)
    starts = np.concatenate([[0], (place[1:] + place[:-1] + 1) // 2])
    return np.asarray(np.add.reduceat(events[design.used], starts) / events[sample.used])


def rests(sample: Design, weights: Floats, outcome: Outcome, beta: Floats, step: Floats) -> Rests:
    """The rests of log-likelihood and gradient on the way from ``beta`` (p,) to beta + ``step`` (p,).

    Parameters
    ----------
    sample : evenly spaced slices of the design.
    weights : (S,) of :func:`stands_for`.
    """

    def of_slice(X: Floats, at: Ints, y: Floats, out: Bools | None, drawn: Drawn | None) -> tuple[float, Floats]:
        here = slice_terms(X, at, y, beta, out, information=drawn is not None, drawn=drawn)
        if drawn is not None:  # events have sums of their own: no simple function of the step, and mostly in double
            there = slice_terms(X, at, y, beta + step, out, information=False, drawn=drawn)
            ahead = here.log_likelihood + float(here.gradient @ step - step @ here.information @ step / 2)
            return there.log_likelihood - ahead, there.gradient - here.gradient + here.information @ step
        probability, u, log_mean = _along(X, here, step)
        height = float(probability @ u**2) / 2 - log_mean
        beyond = probability * (np.exp(u - log_mean) - 1.0 - u)
        return here.total * height, -here.total * (X @ beyond.astype(X.dtype))

    heights, gradients = _by_slice(sample, outcome, of_slice)
    between = _between(sample, weights, outcome, gradients)
    return Rests(float(weights @ heights), weights @ gradients, between)


def moved(sample: Design, weights: Floats, outcome: Outcome, beta: Floats, step: Floats) -> Moved:
    """The rest of the information on the way from ``beta`` to beta + ``step``; arguments as of :func:`rests`."""

    def of_slice(X: Floats, at: Ints, y: Floats, out: Bools | None, drawn: Drawn | None) -> tuple[Floats, Floats]:
        here = slice_terms(X, at, y, beta, out, drawn=drawn)
        if drawn is not None:
            there = slice_terms(X, at, y, beta + step, out, drawn=drawn)
            return there.information - here.information, here.information / here.total
        probability, u, log_mean = _along(X, here, step)
        more = (probability * np.expm1(u - log_mean)).astype(X.dtype)
        z = X - here.centre.astype(X.dtype)[:, None]
        shift = z @ more
        return here.total * ((z * more) @ z.T - np.outer(shift, shift)), here.information / here.total

    T, p = len(sample.used), len(beta)
    differences, variance = _by_slice(sample, outcome, of_slice)
    rows = differences.reshape(T, p * p)
    between = _between(sample, weights, outcome, rows).reshape(-1, p, p)
    return Moved((weights @ rows).reshape(p, p), between, variance)


def _along(X: Floats, here: SliceTerms, step: Floats) -> tuple[Floats, Floats, float]:
    """(D,) probabilities, (D,) u, and log m of the module's docstring, cell by cell in double precision: the difference
    of two sums over dyads would be lost in single precision."""
    u = (step.astype(X.dtype) @ X).astype(np.float64) - float(step @ here.centre)
    probability = here.probability.astype(np.float64)
    return probability, u, float(np.log(probability @ np.exp(u)))


def _by_slice(sample: Design, outcome: Outcome, of_slice: Callable[..., tuple[Any, Any]]) -> tuple[Floats, Floats]:
    """What ``of_slice`` gives for every slice, stacked; where no event is at risk, zeros."""

    def several(span: tuple[int, int], _: object) -> list[tuple[Any, Any] | None]:
        found: list[tuple[Any, Any] | None] = []
        for s, block in sample.blocks(*span):
            X, out = sample.without_missing(block)
            at, y = outcome.of(s, out)
            found.append(of_slice(X, at, y, out, outcome.drawn(s)) if len(at) else None)
        return found

    spans = spans_of(len(sample.used), os.cpu_count() or 1)
    apart, workers = sample.workers(len(spans))
    parts = in_order(several, spans, processes=apart, workers=workers, tick=lambda _: None)
    found = [one for part in parts for one in part]
    shapes = next(one for one in found if one is not None)
    first, second = (
        np.stack([np.zeros_like(shapes[k]) if one is None else np.asarray(one[k]) for one in found]) for k in (0, 1)
    )
    return first, second


def _between(sample: Design, weights: Floats, outcome: Outcome, values: Floats) -> Floats:
    """(S - 1, ...) differences by event between neighbours, times the events that the second stands for."""
    events = sample.slices.per_slice(outcome.values)[sample.used]
    return np.asarray(np.diff(values / events[:, None], axis=0) * (weights * events)[1:, None])

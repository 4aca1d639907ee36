"""What a sample of slices tells of a step: what Newton's method, on all slices, leaves out.

A pass over all slices gives log-likelihood l, gradient g and information H at one point beta. At beta + s they are

    l + g . s - s'H s / 2 + height,   g - H s + gradient,   H + information,

and the three rests are, slice by slice, expectations under the model given the past: with u = s . (x - xbar), m the
mean of e^u and p the probabilities of the slice's dyads at beta,

    height = - n (log m - mean(u^2) / 2),   gradient = - n sum_d p_d (e^u_d / m - 1 - u_d) x_d,

and the difference of the two informations. On the full risk set no outcome is in them, only its total n, and pasts
change slowly, so that evenly spaced slices, each with the events of the slices around it for a weight, tell about what
all slices would. About: where a few slices hold most events the sample may know little of them. The rests are therefore
used to see that a step leaves next to nothing, not to make good for a long one
(:func:`tertius.model.rate.optimum._polish`).

Cost: about two evaluations of each sampled slice with information.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Floats
from tertius.model.budget import spans_of
from tertius.model.design import Design, Outcome
from tertius.model.parallel import in_order
from tertius.model.rate.likelihood import slice_terms


@dataclass(frozen=True, slots=True)
class Rests:
    """The rests of the module's docstring, of all slices: ``height`` (a number), ``gradient`` (p,), ``information``
    (p, p)."""

    height: float
    gradient: Floats
    information: Floats


def stands_for(design: Design, sample: Design, outcome: Outcome) -> Floats:
    """(S,) events of the slices of ``design`` that lie nearest to each slice of ``sample``, per event of its own."""
    events = design.slices.per_slice(outcome.values)
    place = np.searchsorted(design.used, sample.used)
    starts = np.concatenate([[0], (place[1:] + place[:-1] + 1) // 2])
    return np.asarray(np.add.reduceat(events[design.used], starts) / events[sample.used])


def rests(sample: Design, weights: Floats, outcome: Outcome, beta: Floats, step: Floats) -> Rests:
    """The rests on the way from ``beta`` (p,) to beta + ``step`` (p,).

    Parameters
    ----------
    sample : evenly spaced slices of the design.
    weights : (S,) of :func:`stands_for`.
    """

    def several(span: tuple[int, int], _: object) -> list[Rests]:
        return [_of_slice(sample, outcome, s, block, beta, step) for s, block in sample.blocks(*span)]

    spans = spans_of(len(sample.used), os.cpu_count() or 1)
    apart, workers = sample.workers(len(spans))
    parts = in_order(several, spans, processes=apart, workers=workers, tick=lambda _: None)
    found = [one for part in parts for one in part]
    return Rests(
        height=float(weights @ [one.height for one in found]),
        gradient=weights @ np.stack([one.gradient for one in found]),
        information=np.tensordot(weights, np.stack([one.information for one in found]), 1),
    )


def _of_slice(design: Design, outcome: Outcome, s: int, block: Floats, beta: Floats, step: Floats) -> Rests:
    X, out = design.without_missing(block)
    drawn, (at, y) = outcome.drawn(s), outcome.of(s, out)
    if len(at) == 0:
        return Rests(0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta))))
    here = slice_terms(X, at, y, beta, out, information=drawn is not None, drawn=drawn)
    if drawn is not None:  # events have sums of their own: no simple function of the step, and mostly in double
        there = slice_terms(X, at, y, beta + step, out, drawn=drawn)
        ahead = here.log_likelihood + float(here.gradient @ step - step @ here.information @ step / 2)
        gradient = there.gradient - here.gradient + here.information @ step
        return Rests(there.log_likelihood - ahead, gradient, there.information - here.information)
    # cell by cell in double precision: the difference of two sums over dyads would be lost in single
    u = (step.astype(X.dtype) @ X).astype(np.float64) - float(step @ here.centre)
    probability, top = here.probability.astype(np.float64), float(u.max())
    growth = np.exp(u - top)
    mean = max(float(probability @ growth), 1e-300)
    beyond = probability * (growth / mean - 1.0 - u)
    height = float(probability @ u**2) / 2 - float(np.log(mean)) - top
    more = (probability * (growth / mean - 1.0)).astype(X.dtype)
    z = X - here.centre.astype(X.dtype)[:, None]
    shift = z @ more
    return Rests(
        here.total * height,
        -here.total * (X @ beyond.astype(X.dtype)),
        here.total * ((z * more) @ z.T - np.outer(shift, shift)),
    )

"""The generator ``media``: stories by day, each reported many times; it never sees a period.

Actors of Zipf-like size in regions; heavy tails and echoes of reports; coverage that grows, drops at week-ends and
swells with an actor's attention; one hostile act is often coded against several targets on one day. Planted third
parties count by the weaker of their two hostilities, from week to week. The past that actors answer to is what was
done; the data hold how often it was reported. Every report carries the number of its story.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tertius.events.slices import Bools, Floats, Ints
from tertius.worlds.moves import (
    PLANTED,
    exposure,
    mirrored,
    move_both,
    persistent,
    responding,
    response,
    rivals,
    turn_on,
)

DAYS = 30
"""Of a period."""
BURN = 6
"""Periods before the world begins."""
WARM = 4
"""Weeks before actors answer to the past."""
SECOND_TARGET = 0.3
"""Share of hostile stories that name a second target."""
CODED_AS_BOTH = 1 / 3
"""Share of those that also code cooperation of the two, in worlds of stories."""
TOLD_AGAIN, TOLD_FOR = 3, 90
"""How many times the cooperation of a story is repeated in ``story_echo`` on average, and over how many days."""
STORY_WORLDS = ("one_story", "planted_story", "story_echo")
LATE = (26, 52)
"""Weeks after which cooperation responds in ``late``."""
WEEK_KEEPS = 2 ** (-7 / 50)
"""Of what was done, from week to week."""
QUICK_KEEPS = 2 ** (-7 / 7)
"""The same in ``quick``."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Reports, one a row, from the first day of the world.

    Attributes
    ----------
    day : (R,) days since the first; a period has 30.
    source, target : (R,) who did it to whom; cooperation stands once, i < j.
    cooperative : (R,) whether it is cooperation.
    story : (R,) the number of the story that was coded.
    """

    day: Ints
    source: Ints
    target: Ints
    cooperative: Bools
    story: Ints

    def apart(self) -> Bools:
        """(R,) all but the cooperation of two whose story also codes hostility of a third party towards both."""
        hostile = ~self.cooperative & np.isin(self.story, self.story[self.cooperative])
        friendly = self.cooperative & np.isin(self.story, self.story[hostile])
        by_act: dict[tuple[int, int], set[int]] = {}
        for act in np.unique(np.stack([self.story, self.source, self.target])[:, hostile], axis=1).T.tolist():
            by_act.setdefault((act[0], act[1]), set()).add(act[2])
        both = {(story, i, j) for (story, _), met in by_act.items() for i in met for j in met if i < j}
        apart = np.ones(len(self.story), dtype=bool)
        of = zip(*(x[friendly].tolist() for x in (self.story, self.source, self.target)), strict=True)
        apart[friendly] = [row not in both for row in of]
        return apart

    def totals(self, periods: int, n: int, some: Bools | None = None) -> tuple[Floats, Floats]:
        """C (symmetric) and H, (T, N, N) reports by period, of all rows or some."""
        made = []
        for sign in (True, False):
            use = self.cooperative == sign if some is None else some & (self.cooperative == sign)
            at = (self.day[use] // DAYS * n + self.source[use]) * n + self.target[use]
            made.append(np.bincount(at, minlength=periods * n * n).reshape(periods, n, n).astype(np.float64))
        return mirrored(made[0]), made[1]


@dataclass(slots=True)
class _Press:
    """Takes down the reports of stories, a heavy-tailed number each, echoing over the days that follow."""

    rng: np.random.Generator
    parts: list[tuple[Ints, Ints, Bools, Ints]] = field(default_factory=list)

    def report(
        self, day: Floats, dyad: Ints, story: Ints, *, cooperative: bool, attention: Floats | None = None
    ) -> None:
        """Report stories of ``day`` and flat ``dyad``, the more often the more ``attention`` (log points) they get."""
        reports = np.minimum(np.floor(self.rng.pareto(1.6, size=len(day)) + 1.0), 40).astype(int)
        when = np.repeat(day, reports) + np.minimum(self.rng.geometric(0.35, size=reports.sum()) - 1, 30)
        again = np.repeat(np.arange(len(day)), reports)
        if attention is not None:
            more = self.rng.poisson(np.expm1(np.maximum(attention[again], 0.0)))
            when, again = np.repeat(when, 1 + more), np.repeat(again, 1 + more)
        self.parts.append((when.astype(int), dyad[again], np.full(len(when), cooperative), story[again]))

    def tell_again(self) -> None:
        """Repeat the last reports over the months that follow."""
        when, *rest = self.parts[-1]
        times = self.rng.poisson(TOLD_AGAIN, size=len(when))
        later = np.repeat(when, times) + self.rng.integers(1, TOLD_FOR + 1, size=times.sum())
        dyad, cooperative, story = (np.repeat(x, times) for x in rest)
        self.parts.append((later, dyad, cooperative, story))

    def rows(self, n: int, first: int, last: int) -> Rows:
        """The reports of the days ``first`` to ``last`` (not included), counted from ``first``."""
        when, dyad, cooperative, story = (np.concatenate(x) for x in zip(*self.parts, strict=True))
        inside = (when >= first) & (when < last)
        source, target = np.divmod(dyad[inside], n)
        return Rows(when[inside] - first, source, target, cooperative[inside], story[inside])


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a world holds before its first week: ``coop`` and ``host`` (W, N, N) are logs of stories a day."""

    off: Bools
    riv: Bools
    weight: Floats
    coop: Floats
    host: Floats
    coverage: Floats

    @classmethod
    def drawn(cls, name: str, effect: float, rng: np.random.Generator, n: int, weeks: int) -> _Setting:
        off = ~np.eye(n, dtype=bool)
        rank = rng.permutation(n) + 1.0
        size = -0.8 * np.log(rank / n)
        region = rng.integers(0, max(2, n // 10), size=n)
        same = region[:, None] == region
        affinity = mirrored(0.5 * (size[:, None] + size) + 1.2 * same + 1.0 * rng.normal(size=(n, n)))
        enmity = 0.7 * size[:, None] + 0.3 * size + 0.8 * same + 1.5 * rng.normal(size=(n, n))
        wave = name == "popularity"
        busy = persistent(rng, weeks, (n,), 0.97, 0.7 if wave else 0.35)
        hated = busy if wave else persistent(rng, weeks, (n,), 0.97, 0.35)
        hostile = persistent(rng, weeks, (n,), 0.95, 0.35)
        on_C = mirrored(persistent(rng, weeks, (n, n), 0.97, 0.6))
        on_H = persistent(rng, weeks, (n, n), 0.94, 0.8)
        riv = rivals(enmity)
        move_both(name, rng, on_C, on_H, riv, np.exp(size), 7 * np.arange(weeks) // DAYS)
        days = 7 * weeks
        coverage = np.exp(np.linspace(-0.4, 0.4, days)) * np.where(np.arange(days) % 7 >= 5, 0.5, 1.2)
        base_c = np.log(0.40 * n / np.exp(affinity)[off].sum())  # stories a day for each actor, on average
        base_h = np.log(0.35 * n / np.exp(enmity)[off].sum())
        coop = base_c + affinity + busy[:, :, None] + busy[:, None, :] + on_C
        host = base_h + enmity + hostile[:, :, None] + hated[:, None, :] + on_H
        return cls(off, riv, effect * responding(rng, name, n), coop, host, coverage)


@dataclass(slots=True)
class _Past:
    """What was done until now, (N, N) each, as actors remember it."""

    C: Floats
    H: Floats
    usual: Floats
    acts: list[Floats]

    def felt(self, name: str) -> Floats:
        """Hostility to which cooperation responds."""
        if name == "late":
            between = self.acts[max(0, len(self.acts) - LATE[1]) : max(0, len(self.acts) - LATE[0] + 1)]
            return np.asarray(sum(between, np.zeros_like(self.H)))
        return self.H

    def went_on(self, name: str, act_C: Floats, act_H: Floats, week: int) -> None:
        """A week has passed."""
        keeps = QUICK_KEEPS if name == "quick" else WEEK_KEEPS
        self.C, self.H = (self.C + mirrored(act_C)) * keeps, (self.H + act_H) * keeps
        self.usual = self.usual + (np.log1p(self.C) - self.usual) / max(1.0, min(week + 1.0, 52.0))
        if name == "late":
            self.acts.append(act_H)


def draw_media(name: str, effect: float, rng: np.random.Generator, n: int, periods: int) -> tuple[Floats, Floats, Rows]:
    """C and H (T, N, N) of a world, and the reports that they count."""
    weeks = (periods + BURN) * DAYS // 7 + 1
    setting = _Setting.drawn(name, effect, rng, n, weeks)
    past = _Past(np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n)), [])
    press = _Press(rng)
    stories = 0
    for w in range(weeks):
        log_c, log_h = setting.coop[w], setting.host[w]
        if w >= WARM and name in PLANTED:
            log_c = log_c + setting.weight * response(name, exposure(past.felt(name), setting.off, "min"))
        if w >= WARM and name == "reverse":
            log_h = log_h + effect * turn_on(past.C, past.usual, setting.riv)
        attention = effect * exposure(past.H, setting.off, "min").ravel() if name == "triangle" else None
        rates = _rates(mirrored(log_c), setting.off), _rates(log_h, setting.off)
        act_C, act_H, stories = _week(name, rng, press, rates, setting.coverage, w, stories, attention)
        past.went_on(name, act_C, act_H, w)
    rows = press.rows(n, BURN * DAYS, (BURN + periods) * DAYS)
    return *rows.totals(periods, n), rows


def _rates(log: Floats, off: Bools) -> Floats:
    return np.asarray(np.exp(np.clip(log, -20, 3)) * off)


def _week(
    name: str,
    rng: np.random.Generator,
    press: _Press,
    rates: tuple[Floats, Floats],
    coverage: Floats,
    w: int,
    stories: int,
    attention: Floats | None,
) -> tuple[Floats, Floats, int]:
    """The stories of week w go to the press; what was done, (N, N) each, and how many stories there are now."""
    rate_c, rate_h = rates
    n, today = len(rate_h), coverage[7 * w : 7 * w + 7]
    day_c, pair = _stories(rng, np.triu(rate_c, 1), today)
    day_h, dyad = _stories(rng, rate_h, today)
    about_c = stories + np.arange(len(pair))
    about_h = stories + len(pair) + np.arange(len(dyad))
    day_c, day_h = 7 * w + day_c, 7 * w + day_h

    def noticed(of: Ints) -> Floats | None:
        return None if attention is None else attention[of]

    press.report(day_c, pair, about_c, cooperative=True, attention=noticed(pair))
    k, i = np.divmod(dyad, n)
    second = _second_targets(rng, rate_h, k, i)
    both = (rng.random(len(k)) < SECOND_TARGET) & (second != i)
    other = (k * n + second)[both]
    press.report(day_h, dyad, about_h, cooperative=False, attention=noticed(dyad))
    press.report(day_h[both], other, about_h[both], cooperative=False, attention=noticed(other))
    if name in STORY_WORLDS:
        also = both & (rng.random(len(k)) < CODED_AS_BOTH)
        first, last = np.minimum(i, second)[also], np.maximum(i, second)[also]
        press.report(day_h[also], first * n + last, about_h[also], cooperative=True)
        if name == "story_echo":
            press.tell_again()
    act_C = np.bincount(pair, minlength=n * n).reshape(n, n).astype(float)
    act_H = np.bincount(np.concatenate([dyad, other]), minlength=n * n).reshape(n, n).astype(float)
    return act_C, act_H, stories + len(pair) + len(dyad)


def _stories(rng: np.random.Generator, rate: Floats, coverage: Floats) -> tuple[Floats, Ints]:
    """Day (0 to 6) and flat dyad of every story of a week; ``rate`` (N, N) stories a day, ``coverage`` (7,)."""
    flat = rate.ravel()
    total = rng.poisson(flat.sum() * coverage)
    day = np.repeat(np.arange(7.0), total)
    running = np.cumsum(flat)
    dyad = np.searchsorted(running, rng.random(len(day)) * running[-1], side="right")
    return day, np.minimum(dyad, flat.size - 1)


def _second_targets(rng: np.random.Generator, rate: Floats, k: Ints, i: Ints) -> Ints:
    """For every story of k against i, another target drawn by k's own rates (i itself where it draws i again)."""
    running = np.cumsum(rate, axis=1)
    drawn = rng.random(len(k)) * running[k, -1]
    return np.asarray(np.minimum((running[k] < drawn[:, None]).sum(axis=1), rate.shape[1] - 1))

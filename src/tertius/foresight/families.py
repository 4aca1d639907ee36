"""Distributions of what a pair does in a period: a share of zeros, and a family for the rest.

Counts are zero-inflated negative binomial: 0 with probability w, else NB of mean m and variance m + m^2 / r. Weights
are 0 with probability 1 - p, else gamma of mean m and shape a. Both are B Z with B a coin and Z a family whose CRPS
has a closed form, from which that of B Z follows: with q = P(B = 1),

    CRPS(y) = (1 - q) |y| + q E|Z - y| - q (1 - q) E Z - q^2 E|Z - Z'| / 2,

and E|Z - y| = CRPS_Z(y) + E|Z - Z'| / 2, E|Z - Z'| / 2 = E Z - CRPS_Z(0) for Z of 0 or more. CRPS_Z is scoringrules'
(Zanetta & Allen; Jordan, Krueger & Lerch 2019, doi:10.18637/jss.v090.i12).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import betainc, gammainc, gammaincinv, gammaln

from tertius.errors import UsageError
from tertius.events.slices import Bools, Floats, Ints

TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Predictive:
    """Distributions of n outcomes.

    Attributes
    ----------
    share : (n,) q, probability that the coin leaves room for Z.
    mean_if : (n,) mean of Z.
    shape : (n,) r of the negative binomial, or the gamma's shape.
    counts : whether Z is a count.
    """

    share: Floats
    mean_if: Floats
    shape: Floats
    counts: bool

    @property
    def mean(self) -> Floats:
        """(n,)"""
        return self.share * self.mean_if

    def among(self, which: Bools | Ints) -> Predictive:
        """The distributions of some."""
        return replace(self, share=self.share[which], mean_if=self.mean_if[which], shape=self.shape[which])

    def zero(self) -> Floats:
        """(n,) P(Y = 0)."""
        if not self.counts:
            return 1 - self.share
        return np.asarray(1 - self.share + self.share * np.exp(-self.shape * np.log1p(self.mean_if / self.shape)))

    def log_density(self, y: Floats) -> Floats:
        """(n,) log probability of a count; of a weight above 0 the log density, at 0 the log probability."""
        m, r = self.mean_if, self.shape
        if self.counts:
            log_z = (
                gammaln(y + r)
                - gammaln(r)
                - gammaln(y + 1)
                - r * np.log1p(m / r)
                - y * np.log1p(r / np.maximum(m, TINY))
            )
            return np.asarray(np.where(y > 0, np.log(self.share) + log_z, np.log(np.maximum(self.zero(), TINY))))
        at = np.where(y > 0, y, m)
        log_z = r * np.log(r / m) + (r - 1) * np.log(at) - r * at / m - gammaln(r)
        return np.asarray(np.where(y > 0, np.log(self.share) + log_z, np.log(np.maximum(1 - self.share, TINY))))

    def cdf(self, y: Floats) -> Floats:
        """(n,) P(Y <= y), y of 0 or more; below 0 it is 0."""
        at = np.maximum(y, 0.0)
        if self.counts:
            z = betainc(self.shape, np.floor(at) + 1, self.shape / (self.shape + self.mean_if))
        else:
            z = gammainc(self.shape, self.shape * at / self.mean_if)
        return np.asarray(np.where(y < 0, 0.0, 1 - self.share + self.share * z))

    def before(self, y: Floats) -> Floats:
        """(n,) P(Y < y)."""
        if self.counts:
            return self.cdf(np.ceil(y) - 1.0)
        return np.asarray(np.where(y > 0, self.cdf(y), 0.0))

    def quantile(self, level: float) -> Floats:
        """(n,) smallest y with P(Y <= y) of at least the level."""
        from scipy.stats import nbinom

        found, rest = np.zeros(len(self.share)), (level - (1 - self.share)) / self.share
        some = np.flatnonzero((rest > 0) & (level > self.zero())) if self.counts else np.flatnonzero(rest > 0)
        inside, m, r = np.clip(rest[some], TINY, 1 - TINY), self.mean_if[some], self.shape[some]
        found[some] = nbinom.ppf(inside, r, r / (r + m)) if self.counts else gammaincinv(r, inside) * m / r
        return found

    def crps(self, y: Floats) -> Floats:
        """(n,) continuous ranked probability score, in the unit of y; less is better."""
        score = scoring()
        m, r, q = self.mean_if, self.shape, self.share
        if self.counts:
            at, nought = (np.asarray(score.crps_negbinom(x, r, r / (r + m))) for x in (y, np.zeros_like(y)))
        else:
            at, nought = (np.asarray(score.crps_gamma(x, r, r / m)) for x in (y, np.zeros_like(y)))
        half = m - nought
        return np.asarray((1 - q) * y + q * (at + half) - q * (1 - q) * m - q**2 * half)

    def pit(self, y: Floats, u: Floats) -> Floats:
        """(n,) randomised probability integral transform, u (n,) uniform: uniform if the forecasts are right, zeros and
        all (Czado, Gneiting & Held 2009, doi:10.1111/j.1541-0420.2009.01191.x)."""
        low = self.before(y)
        return np.asarray(low + u * (self.cdf(y) - low))


def scoring() -> Any:
    """scoringrules, imported when a score is asked for. Raises UsageError where it is not installed."""
    try:
        import scoringrules
    except ImportError as error:
        raise UsageError("Scores need the package scoringrules.", "Type: pip install 'tertius[forecast]'.") from error
    return scoringrules

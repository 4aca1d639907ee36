"""From what is known to distributions: one regression per horizon, fitted on past origins alone.

Direct forecasts: for horizon h the outcome of period T + h is regressed on what was known at T, over the past origins T
(all with T + h up to the origin that forecasts). A day's rate is log-linear in the columns, and a period's observed
days are its exposure.

Counts: negative binomial of mean exp(b x) d by iteratively reweighted least squares; given the means, dispersion and
zero inflation by maximum likelihood, log r and logit w linear in the log mean; the weights then follow the dispersion.

Weights: whether anything happens, P = 1 - exp(-exp(b x) d) (a complementary log-log, so that d is exposure), and how
much if so, gamma with log-linear mean and a shape that is log-quadratic in the log mean.

Uncertainty of the coefficients is by sandwich over target periods, what pairs share in a period included; it widens the
distributions: its variance of a log mean is added to 1 / shape, and P is averaged over it (three-point Gauss-Hermite).
That of process and horizon is in the dispersion, which is fitted horizon by horizon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln

from tertius.events.slices import Floats, Ints
from tertius.foresight.families import Predictive
from tertius.foresight.known import Single

RIDGE = 1e-3
"""In units of a standardised column's information, n observations counting as n: too small to shrink what data tell."""
SHAPE_ROWS = 10_000
ETA = 30.0
_NODES = ((-np.sqrt(3.0), 1 / 6), (0.0, 2 / 3), (np.sqrt(3.0), 1 / 6))


@dataclass(frozen=True, slots=True)
class Rows:
    """Past outcomes to fit to: X (n, K), y, days, weight (n,), and the target period of each (n,)."""

    X: Single
    y: Floats
    days: Floats
    weight: Floats
    period: Ints


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients (K + 1,), the constant first, and their covariance."""

    beta: Floats
    covariance: Floats

    def eta(self, X: Single) -> Floats:
        """(n,) linear predictor."""
        return np.asarray(np.clip(self.beta[0] + X @ self.beta[1:].astype(np.float32), -ETA, ETA), dtype=np.float64)

    def variance(self, X: Single) -> Floats:
        """(n,) of the linear predictor."""
        V = self.covariance.astype(np.float32)
        quadratic = V[0, 0] + 2 * X @ V[0, 1:] + np.einsum("nk,nk->n", X @ V[1:, 1:], X)
        return np.asarray(np.maximum(quadratic, 0.0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model of one sign and horizon. ``mean`` : of the counts, or of weights if any; ``any`` : for weights alone;
    ``shape`` : coefficients of the log shape; ``zeros`` : of the zero inflation, for counts alone; ``usual`` : days."""

    counts: bool
    mean: Regression
    any: Regression | None
    shape: Floats
    zeros: Floats
    usual: float

    def predict(self, X: Single, days: Floats) -> Predictive:
        """Distributions of the outcome of periods with ``days`` (n,) observed days, known X (n, K)."""
        if self.counts:
            mu = np.exp(self.mean.eta(X)) * days
            share = 1 - expit(_line(self.zeros, mu))
            shape = np.exp(np.clip(_line(self.shape, mu), -8, 8))
            return Predictive(share, mu / share, 1 / (1 / shape + self.mean.variance(X)), True)
        assert self.any is not None
        eta, spread = self.any.eta(X), np.sqrt(self.any.variance(X))
        P, usual = (_any(eta, spread, d) for d in (days, np.full(len(days), self.usual)))
        mean = np.exp(self.mean.eta(X))
        shape = np.exp(np.clip(_line(self.shape, mean), -8, 8))
        scaled = mean * (days / self.usual) * usual / P
        return Predictive(P, scaled, 1 / (1 / shape + self.mean.variance(X)), False)


def _any(eta: Floats, spread: Floats, days: Floats) -> Floats:
    found = np.zeros(len(eta))
    for at, w in _NODES:
        found += w * -np.expm1(-np.exp(np.clip(eta + at * spread, -ETA, 5.0)) * days)
    return np.clip(found, 1e-9, 1 - 1e-9)


def _line(parameters: Floats, mean: Floats) -> Floats:
    """A polynomial of the log mean."""
    return np.polynomial.polynomial.polyval(np.clip(np.log(mean), -8.0, 12.0), parameters)


def fit(rows: Rows, counts: bool, usual: float, emphasis: float = 0.0, start: Fitted | None = None) -> Fitted:
    """A model fitted to past outcomes.

    ``emphasis``: how much weights are fitted to where they are large: an observation counts by its mean to that power
    (0: the likelihood). ``start``: another fit of the same columns to begin at.
    """
    begin = None if start is None else start.mean.beta
    if counts:
        return _counts(rows, usual, begin, start)
    happened = rows.y > 0
    link = regress(
        rows.X, rows.weight, rows.period, _cloglog(happened.astype(np.float64), rows.days),
        None if start is None or start.any is None else start.any.beta,
        np.log(max(float(np.average(happened, weights=rows.weight)), 1e-6) / usual),
    )  # fmt: skip
    X, y, days, weight = rows.X[happened], rows.y[happened], rows.days[happened], rows.weight[happened]
    eta, none = link.eta(X), np.zeros(happened.sum())
    scale = (days / usual) * _any(eta, none, np.full(len(y), usual)) / _any(eta, none, days)
    mean = regress(
        X, weight, rows.period[happened], _gamma(y / scale), begin, np.log(np.average(y / scale, weights=weight))
    )
    if emphasis:
        stress = np.exp(emphasis * mean.eta(X))
        mean = regress(X, weight * stress / stress.mean(), rows.period[happened], _gamma(y / scale), mean.beta, 0.0)
    shape = _shape(y / scale, np.exp(mean.eta(X)), weight)
    return Fitted(False, mean, link, shape, np.zeros(1), usual)


Working = Callable[[Floats], tuple[Floats, Floats]]
"""From the linear predictor (n,) to score and information (n,) of each observation."""


def _cloglog(y: Floats, days: Floats) -> Working:
    def working(eta: Floats) -> tuple[Floats, Floats]:
        rate = np.exp(np.clip(eta, -ETA, 5.0)) * days
        P = np.clip(-np.expm1(-rate), 1e-10, 1.0)
        odds = np.exp(-rate) / P
        return np.where(y > 0, rate * odds, -rate), rate**2 * odds

    return working


def _gamma(y: Floats) -> Working:
    return lambda eta: (y * np.exp(-eta) - 1.0, np.ones(len(y)))


def _negative_binomial(y: Floats, days: Floats, shape: Floats | None) -> Working:
    def working(eta: Floats) -> tuple[Floats, Floats]:
        mu = np.exp(np.clip(eta, -ETA, ETA)) * days
        over = np.ones(len(y)) if shape is None else 1 + mu / np.exp(np.clip(_line(shape, mu), -8, 8))
        return (y - mu) / over, mu / over

    return working


def regress(
    X: Single, weight: Floats, period: Ints, working: Working, start: Floats | None, constant: float
) -> Regression:
    """Fisher scoring with a ridge, and a sandwich over periods.

    Steps are at most 2 in the linear predictor of a standardised column. Stops where no coefficient moves by 1e-4 of a
    standard deviation, at the latest after 40 steps.
    """
    centre, scale = X.mean(0, dtype=np.float64), X.std(0, dtype=np.float64)
    scale = np.where(scale > 1e-6, scale, np.inf)
    Z = np.concatenate([np.ones((len(X), 1), dtype=np.float32), (X - centre) / scale], axis=1).astype(np.float32)
    beta = np.zeros(Z.shape[1])
    beta[0] = constant
    if start is not None:
        beta[1:] = start[1:] * np.where(np.isfinite(scale), scale, 0.0)
        beta[0] = start[0] + float((start[1:] * np.where(np.isfinite(scale), centre, 0.0)).sum())
    ridge = RIDGE * np.diag(np.r_[0.0, np.ones(Z.shape[1] - 1)]) * float(weight.sum()) ** 0.5
    bread = np.eye(len(beta))
    for _ in range(40):
        score, information = working(np.clip(np.asarray(Z @ beta.astype(np.float32), dtype=np.float64), -ETA, ETA))
        gradient = Z.T @ (weight * score).astype(np.float32) - ridge @ beta
        H = (Z * (weight * information).astype(np.float32)[:, None]).T @ Z + ridge + 1e-8 * np.eye(len(beta))
        step = np.linalg.lstsq(H.astype(np.float64), gradient.astype(np.float64), rcond=1e-10)[0]
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        beta = beta + step
        if np.abs(step).max() < 1e-4:
            break
    bread = np.linalg.pinv(H.astype(np.float64), hermitian=True)
    U = Z * (weight * score).astype(np.float32)[:, None]
    groups = np.unique(period, return_inverse=True)[1]
    by_period = np.zeros((groups.max() + 1, Z.shape[1]))
    for g in range(len(by_period)):
        by_period[g] = U[groups == g].sum(0, dtype=np.float64)
    V = bread @ (by_period.T @ by_period) @ bread * len(by_period) / max(len(by_period) - 1, 1)
    back = np.zeros((len(beta), len(beta)))  # from standardised to raw columns
    back[0, 0] = 1.0
    back[0, 1:] = -centre / scale
    back[range(1, len(beta)), range(1, len(beta))] = 1 / scale
    return Regression(back @ beta, back @ V @ back.T)


def _some(n: int) -> slice:
    return slice(None, None, max(1, n // SHAPE_ROWS))


def _shape(y: Floats, mu: Floats, weight: Floats) -> Floats:
    """(3,) coefficients of the gamma's log shape in the log mean, by maximum likelihood."""
    from scipy.optimize import minimize

    some = _some(len(y))
    y, mu, weight = y[some], mu[some], weight[some]
    L = np.vander(np.clip(np.log(mu), -8, 12), 3, increasing=True)
    centre, spread = L[:, 1].mean(), max(L[:, 1].std(), 1e-6)
    Z = np.vander((L[:, 1] - centre) / spread, 3, increasing=True)
    fixed = np.log(y) - y / mu - np.log(mu)

    def value(t: Floats) -> float:
        a = np.exp(np.clip(Z @ t, -8, 8))
        return -float(weight @ (a * np.log(a) + a * fixed - gammaln(a) - np.log(y))) / float(weight.sum())

    t = minimize(value, np.zeros(3), method="L-BFGS-B").x
    z = np.array([-centre, 1.0]) / spread
    square = np.polynomial.polynomial.polymul(z, z)
    return np.asarray([t[0] + t[1] * z[0] + t[2] * square[0], t[1] * z[1] + t[2] * square[1], t[2] * square[2]])


def _counts(rows: Rows, usual: float, begin: Floats | None, start: Fitted | None) -> Fitted:
    shape = None if start is None else start.shape
    zeros = np.array([-4.0, 0.0]) if start is None else start.zeros
    first = np.log(max(float(np.average(rows.y / rows.days, weights=rows.weight)), 1e-9))
    some = _some(len(rows.y))
    for again in (True, False):
        mean = regress(rows.X, rows.weight, rows.period, _negative_binomial(rows.y, rows.days, shape), begin, first)
        begin = mean.beta
        mu = np.exp(mean.eta(rows.X[some])) * rows.days[some]
        found, zeros = _dispersion(rows.y[some], mu, rows.weight[some], shape, zeros)
        if again:
            shape = found
    return Fitted(True, mean, None, found, zeros, usual)


def _dispersion(y: Floats, mu: Floats, weight: Floats, shape: Floats | None, zeros: Floats) -> tuple[Floats, Floats]:
    """Coefficients of log r (2,) and of the zero inflation's logit (2,), by maximum likelihood given the means."""
    from scipy.optimize import minimize

    order = np.argsort(y > 0, kind="stable")
    y, mu, weight = y[order], mu[order], weight[order] / float(weight.sum())
    some = slice(int((y == 0).sum()), None)
    at, logs = y[some], np.clip(np.log(mu), -8.0, 12.0)

    def value(t: Floats) -> float:
        r = np.exp(np.clip(t[0] + t[1] * logs, -8, 8))
        inflation = expit(np.clip(t[2] + t[3] * logs, -ETA, 3.0))
        m = mu / (1 - inflation)
        none = -r * np.log1p(m / r)
        log_p = np.log(inflation + (1 - inflation) * np.exp(none))
        log_p[some] = np.log1p(-inflation[some]) + none[some] + gammaln(at + r[some]) - gammaln(r[some])
        log_p[some] -= at * np.log1p(r[some] / m[some])
        return 1e-4 * float(((t - anchor) ** 2).sum()) - float(weight @ log_p)

    anchor = np.array([0.0, 0.0, -4.0, 0.0])
    begin = np.r_[np.zeros(2) if shape is None else shape, zeros]
    found = minimize(value, begin, method="L-BFGS-B", options={"maxiter": 30, "ftol": 1e-7}).x
    return np.asarray(found[:2]), np.asarray(found[2:])

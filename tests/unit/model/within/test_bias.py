"""The correction of the within-pair model's bias against a slow twin: the paper's tensors, written out pair by pair.

Weidner & Zylkin (2021), Proposition 3 and Remark 4: H, the third derivative G (T, T, T), pseudo-inverses, and the
covariance of all effects from explicit dummies.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import tertius
from tertius.errors import TertiusWarning, UsageError
from tertius.model.within import bias
from tertius.model.within.ppml import WithinFit, fit_ppml
from tertius.simulation import events_frame
from tertius.worlds import world as planted

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


def world(seed: int, *, T: int, N: int, directed: bool, p: int = 2, level: float = 0.5) -> tuple[Floats, Floats]:
    """Counts Y (T, N, N) and terms X (p, T, N, N), actors of unequal size."""
    rng = np.random.default_rng(seed)
    size = 0.7 * rng.normal(size=N)
    X = rng.normal(size=(p, T, N, N)) + size[:, None] + rng.normal(size=(T, N, 1)) / 2
    X[-1] = X[-1] > 0.5
    noise = rng.gamma(2.0, 0.5, size=(T, N, N))
    if not directed:
        X, noise = (np.triu(a, 1) + np.swapaxes(np.triu(a, 1), -1, -2) for a in (X, noise))
    Y = rng.poisson(np.exp(level + size[:, None] + size + 0.3 * X[0]) * noise).astype(float)
    return (Y if directed else np.triu(Y, 1) + np.swapaxes(np.triu(Y, 1), -1, -2)), X


class Twin(NamedTuple):
    bias: Floats
    clustered: Floats
    adjusted: Floats
    left_out: Floats


def third_derivative(m: Floats) -> Floats:
    """(T, T, T) derivative of -H: minus Y times the third cumulant of one draw from m / Y."""
    T, theta = len(m), m / m.sum()
    G = np.zeros((T, T, T))
    for t in range(T):
        for s in range(T):
            for r in range(T):
                third = 2 * theta[t] * theta[s] * theta[r]
                third -= (t == s) * theta[t] * theta[r] + (t == r) * theta[t] * theta[s]
                third -= (s == r) * theta[s] * theta[t]
                third += (t == s == r) * theta[t]
                G[t, s, r] = -m.sum() * third
    return G


def twin(Y: Floats, X: Floats, fit: WithinFit, directed: bool) -> Twin:
    """Everything from the fitted means, one pair after the other."""
    T, N, _ = Y.shape
    p = len(X)
    pairs = [(i, j) for i in range(N) for j in range(N) if fit.kept[:, i, j].any() and (i != j if directed else i < j)]
    rows = {(i, j): (i, (N if directed else 0) + j) for i, j in pairs}
    G = 2 * N if directed else N
    m = {d: fit.mu[:, *d] for d in pairs}
    S = {d: np.where(fit.kept[:, *d], Y[:, *d], 0.0) - m[d] for d in pairs}
    H = {d: np.diag(m[d]) - np.outer(m[d], m[d]) / m[d].sum() for d in pairs}

    dummy = {}  # (T, G T) which effects are in pi of a pair
    for d in pairs:
        dummy[d] = np.zeros((T, G, T))
        for g in rows[d]:
            dummy[d][np.arange(T), g, np.arange(T)] += 1
        dummy[d] = dummy[d].reshape(T, G * T)
    information = sum(dummy[d].T @ H[d] @ dummy[d] for d in pairs)
    V = np.linalg.pinv(information, rcond=1e-12, hermitian=True)
    right = sum(dummy[d].T @ H[d] @ X[:, :, *d].T for d in pairs)
    effects = V @ right  # (G T, p)
    x = {d: X[:, :, *d].T - dummy[d] @ effects for d in pairs}  # (T, p), then net of the pair's own effect
    x = {d: x[d] - (m[d] @ x[d]) / m[d].sum() for d in pairs}
    A = sum(x[d].T @ H[d] @ x[d] for d in pairs)

    total = np.zeros(p)
    for side in [range(N), range(N, 2 * N)] if directed else [range(N)]:
        found = []
        for g in side:
            mine = [d for d in pairs if g in rows[d]]
            if not mine:
                continue
            R = np.linalg.pinv(sum(H[d] for d in mine), rcond=1e-12, hermitian=True)
            SS = sum(np.outer(S[d], S[d]) for d in mine)
            b = np.zeros(p)
            for k in range(p):
                HxS = sum(np.outer(H[d] @ x[d][:, k], S[d]) for d in mine)
                Gx = sum(np.einsum("tsr,t->sr", third_derivative(m[d]), x[d][:, k]) for d in mine)
                b[k] = -np.trace(R @ HxS) + np.trace(Gx @ R @ SS @ R) / 2
            found.append(b)
        total += len(found) / (len(found) - 1) * np.sum(found, axis=0)

    n, J = len(pairs), np.linalg.inv(A)
    before, after, both = np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, p))
    for d in pairs:
        leverage = H[d] @ (dummy[d] @ V @ dummy[d].T + x[d] @ J @ x[d].T)
        before += x[d].T @ np.outer(S[d], S[d]) @ x[d]
        without = np.linalg.solve(np.eye(T) - leverage, S[d])
        after += x[d].T @ np.outer(without, S[d]) @ x[d]
        both += x[d].T @ np.outer(without, without) @ x[d]
    scale = n / (n - 1)
    return Twin(J @ total, scale * J @ before @ J, scale * J @ (after + after.T) / 2 @ J, J @ both @ J / scale)


def corrected(
    Y: Floats, X: Floats, directed: bool, mask: Booleans | None = None
) -> tuple[WithinFit, bias.BiasCorrection]:
    fit = fit_ppml(Y, X, directed=directed, mask=mask, bias_correction=True)
    assert fit.correction is not None
    return fit, fit.correction


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_correction_is_that_of_the_twin(directed: bool, seed: int) -> None:
    Y, X = world(seed, T=6, N=10, directed=directed)
    fit, found = corrected(Y, X, directed)
    slow = twin(Y, X, fit, directed)
    assert found.exact
    np.testing.assert_allclose(found.bias, slow.bias, rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(found.corrected, fit.beta - slow.bias, rtol=1e-8)
    np.testing.assert_allclose(found.clustered, slow.clustered, rtol=1e-7)
    np.testing.assert_allclose(found.adjusted, slow.adjusted, rtol=1e-6)
    np.testing.assert_allclose(found.left_out, slow.left_out, rtol=1e-6)


def test_gaps_and_zeros_change_nothing_in_that() -> None:
    Y, X = world(3, T=8, N=11, directed=True, level=0.0)
    rng = np.random.default_rng(3)
    mask = rng.random(Y.shape) < 0.9
    mask[2] = False  # a period without any cell
    fit, found = corrected(Y, X, True, mask)
    assert fit.dropped.zero_dyads > 0
    slow = twin(Y, X, fit, True)
    np.testing.assert_allclose(found.bias, slow.bias, rtol=1e-6)
    np.testing.assert_allclose(found.adjusted, slow.adjusted, rtol=1e-5)


def test_the_third_derivative_is_the_derivative_of_the_second() -> None:
    pi = np.array([0.3, -0.2, 0.9, 0.1])

    def H(pi: Floats) -> Floats:
        m = 7.0 * np.exp(pi) / np.exp(pi).sum()
        return np.diag(m) - np.outer(m, m) / m.sum()

    m = 7.0 * np.exp(pi) / np.exp(pi).sum()
    step = 1e-5
    slopes = np.stack([(H(pi + step * e) - H(pi - step * e)) / (2 * step) for e in np.eye(4)], axis=2)
    np.testing.assert_allclose(third_derivative(m), -slopes, atol=1e-8)


def test_undirected_is_directed_data_mirrored() -> None:
    """One set of effects on each pair once, or two equal sets on each pair twice: the same score, the same bias."""
    Y, X = world(5, T=5, N=9, directed=False)
    _, once = corrected(Y, X, False)
    _, twice = corrected(Y, X, True)
    np.testing.assert_allclose(once.bias, twice.bias, rtol=1e-7)
    n = once.pairs
    factor = n / (n - 1) / (2 * n / (2 * n - 1))
    np.testing.assert_allclose(once.clustered, 2 * twice.clustered * factor, rtol=1e-7)


def test_the_bias_is_in_the_unit_of_its_term() -> None:
    Y, X = world(6, T=6, N=10, directed=True)
    units = np.array([10.0, 0.02])
    _, found = corrected(Y, X, True)
    _, other = corrected(Y, X * units[:, None, None, None], True)
    np.testing.assert_allclose(other.bias * units, found.bias, rtol=1e-6)
    np.testing.assert_allclose(other.adjusted * np.outer(units, units), found.adjusted, rtol=1e-6)


@pytest.mark.parametrize("directed", [True, False])
def test_two_rows_of_effects_come_near_the_information_of_all(directed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    Y, X = world(7, T=8, N=20, directed=directed)
    _, dense = corrected(Y, X, directed)
    monkeypatch.setattr(bias, "DENSE_EFFECTS", 0)
    _, near = corrected(Y, X, directed)
    assert dense.exact
    assert not near.exact
    np.testing.assert_array_equal(near.bias, dense.bias)
    before, after = np.sqrt(np.diag(dense.adjusted)), np.sqrt(np.diag(near.adjusted))
    raw = np.sqrt(np.diag(dense.clustered))
    assert (np.abs(after - before) < 0.05 * (before - raw)).all()  # of what the adjustment adds


def test_a_pair_that_is_all_of_a_period_counts_nothing_there() -> None:
    """Only one pair of actor 0 is seen in period 0: its cell fits itself, its residual without it does not exist."""
    Y, X = world(8, T=6, N=10, directed=True)
    mask = np.ones(Y.shape, dtype=bool)
    mask[0, 0, 2:] = False
    _, found = corrected(Y, X, True, mask)
    mask[0, 0] = False
    _, without = corrected(Y, X, True, mask)
    np.testing.assert_allclose(found.adjusted, without.adjusted, rtol=1e-6)
    np.testing.assert_allclose(found.bias, without.bias, rtol=1e-6)


def test_a_fit_without_terms_or_without_the_wish_has_no_correction() -> None:
    Y, X = world(9, T=6, N=10, directed=True)
    assert fit_ppml(Y, X, directed=True).correction is None
    assert fit_ppml(Y, X[:0], directed=True, bias_correction=True).correction is None


def test_asking_for_it_moves_nothing_else() -> None:
    Y, X = world(9, T=6, N=10, directed=True)
    plain, asked = fit_ppml(Y, X, directed=True), fit_ppml(Y, X, directed=True, bias_correction=True)
    for name in ("beta", "U_d", "H_d", "mu", "within_sd"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(asked, name))


@pytest.mark.shared
def test_the_published_example_by_the_ordinary_door(shared: Path, tmp_path: Path) -> None:
    """trade ~ fta with exporter-year, importer-year and pair effects: the figures that the authors' program prints."""
    pd = pytest.importorskip("pandas", reason="pandas is not installed: pip install tertius[test]")
    rows = pd.read_parquet(shared / "parity" / "gravity" / "manuf.parquet")
    rows["day"], rows["kind"] = rows["year"].astype(str) + "-01-01", 2
    rows[["day", "isoexp", "isoimp", "kind", "trade"]].to_csv(tmp_path / "trade.csv", index=False)
    rows = rows.rename(columns={"isoexp": "a", "isoimp": "b"})
    rows[["a", "b", "year", "fta"]].to_csv(tmp_path / "fta.csv", index=False)
    columns = {"date": "day", "source": "isoexp", "target": "isoimp", "quad": "kind", "weight": "trade"}
    with pytest.warns(TertiusWarning, match="BLX, ROM"):
        data = tertius.load(tmp_path / "trade.csv", mapping=columns, codes="keep", mirrored="keep")
    fit = tertius.fit(
        data, model="within", response="weight", effects="fta", covariates=tmp_path / "fta.csv",
        slice="1y", period="1y", start="1988-01-01", end="2004-12-31", adequacy="none", bias_correction=True,
    )  # fmt: skip
    found = fit.bias_correction
    assert found is not None
    (line,) = found.coefficients
    assert fit.coefficients[0].estimate == pytest.approx(0.1780290, abs=1e-7)
    assert line.bias == pytest.approx(0.0076567524, abs=1e-9)
    assert line.se_clustered == pytest.approx(0.0350079, abs=1e-7)
    assert line.se_adjusted == pytest.approx(0.0419558558, abs=1e-9)
    assert line.estimate == pytest.approx(0.1703722, abs=1e-7)
    assert line.ci_high - line.estimate == pytest.approx(1.959964 * line.se_left_out, rel=1e-6)
    assert line.se_left_out > line.se_adjusted
    assert "--bias-correction" in fit.command
    assert found.not_covered == ()
    assert fit.to_dict()["bias_correction"]["coefficients"][0]["bias"] == line.bias


@pytest.mark.parametrize("directed", [True, False])
def test_lagged_terms_are_named_as_not_covered(directed: bool) -> None:
    frame = events_frame(planted("planted", n_actors=14, n_periods=48, seed=3).slices(directed=True), "pandas")
    with pytest.warns(TertiusWarning):  # labels that are in no table of codes
        data = tertius.load(frame)
    if not directed:
        ends = ["source", "target"]
        frame["weight"] = frame["quad"].map({1: 1.0, 3: -1.0})
        frame["date"] = frame["date"].str[:8] + frame["quad"].map({1: "01", 3: "02"})
        frame[ends] = np.sort(frame[ends].to_numpy(dtype=str), axis=1)
        frame = frame.rename(columns={"source": "a", "target": "b"}).groupby(["date", "a", "b"], as_index=False)
        with pytest.warns(TertiusWarning):
            data = tertius.load(frame["weight"].sum(), directed=False)
    foe = "shared_threat" if directed else "common_foe"
    fit = tertius.fit(data, model="within", effects=f"inertia,{foe}", adequacy="none", bias_correction=True)
    found = fit.bias_correction
    assert found is not None
    assert found.not_covered == tuple(c.term for c in fit.coefficients)
    assert f"does not cover inertia.coop, inertia.host, {foe}" in found.text
    assert ("derived in tertius" in found.text) is not directed
    assert found.text in fit.warnings
    beside = next(a for a in fit.alternatives if a.name == "bias-corrected")
    assert [c.estimate for c in beside.coefficients] == [c.estimate for c in found.coefficients]


def test_another_model_has_no_such_correction() -> None:
    with pytest.raises(UsageError, match="within-pair model, and the model here is rate"):
        tertius.fit("chronicle", model="rate", bias_correction=True)
    with pytest.raises(UsageError, match="neither True nor False"):
        tertius.fit("chronicle", bias_correction="yes")  # type: ignore[arg-type]

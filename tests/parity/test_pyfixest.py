"""The within-pair engine against pyfixest's fepois: coefficients to 1e-9, dyad-clustered SE to 1e-7, the same cells.

pyfixest has no undirected model of actors in periods: mirrored data with sender and receiver effects are the same.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray

from tertius.model.robust import covariances, standard_errors
from tertius.model.within.ppml import fit_ppml

pytestmark = [pytest.mark.filterwarnings("ignore")]

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pyfixest = pytest.importorskip("pyfixest", reason="pyfixest is not installed: pip install tertius[test]")
    pd = pytest.importorskip("pandas", reason="pandas is not installed: pip install tertius[test]")

Floats = NDArray[np.float64]


def rival(Y: Floats, X: Floats, mask: NDArray[np.bool_], names: tuple[str, ...]) -> tuple[Floats, Floats, int]:
    """Coefficients, dyad-clustered standard errors and number of cells by pyfixest."""
    T, N, _ = Y.shape
    t, i, j = np.nonzero(mask & ~np.eye(N, dtype=bool))
    columns = {"y": Y[t, i, j], "ij": i * N + j, "it": i * T + t, "jt": j * T + t}
    columns["dyad"] = np.minimum(i, j) * N + np.maximum(i, j)
    columns.update({name: x[t, i, j] for name, x in zip(names, X, strict=True)})
    model = pyfixest.fepois(
        f"y ~ {' + '.join(names)} | ij + it + jt",
        pd.DataFrame(columns),
        vcov={"CRV1": "dyad"},
        ssc=pyfixest.ssc(k_adj=False, G_adj=False),
        fixef_rm="none",
        iwls_tol=1e-13,
        iwls_maxiter=200,
        demeaner=pyfixest.MapDemeaner(fixef_tol=1e-12, fixef_maxiter=100_000),
    )
    return model.coef()[list(names)].to_numpy(), model.se()[list(names)].to_numpy(), int(model._N)


def panel(
    seed: int, *, T: int, N: int, level: float, directed: bool, observed: float = 1.0, weights: bool = False
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)

    def sides(tensor: Floats) -> Floats:
        if directed:
            return tensor
        upper = np.triu(tensor, 1)
        return upper + np.swapaxes(upper, -1, -2)

    X = sides(rng.normal(size=(3, T, N, N)))
    X[1] = sides((rng.random((T, N, N)) < 0.2).astype(float))
    a = rng.normal(size=N)
    Y = rng.poisson(np.exp(level + a[:, None] + a + 0.5 * X[0] - 0.4 * X[1])).astype(float)
    if weights:
        Y *= rng.gamma(2.0, size=Y.shape)
    return sides(Y), X, sides((rng.random((T, N, N)) < observed).astype(float)) > 0


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize(
    "case",
    [
        pytest.param({"T": 15, "N": 14, "level": 1.0}, id="dense"),
        pytest.param({"T": 20, "N": 20, "level": -2.0}, id="sparse: whole dyads and actor-periods separated"),
        pytest.param({"T": 15, "N": 14, "level": 0.0, "observed": 0.7}, id="missing cells"),
        pytest.param({"T": 15, "N": 14, "level": 0.0, "weights": True}, id="weights"),
    ],
)
def test_equals_fepois(case: dict[str, float], directed: bool) -> None:
    Y, X, mask = panel(len(case) + int(case["N"]), directed=directed, **case)  # type: ignore[arg-type]
    fit = fit_ppml(Y, X, directed=directed, mask=mask)
    assert fit.dropped.combinations == 0
    beta, se, cells = rival(Y, X, mask, fit.names)
    assert int(fit.kept.sum()) == cells
    np.testing.assert_allclose(fit.beta, beta, rtol=0, atol=1e-9)
    cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N)
    np.testing.assert_allclose(standard_errors(cov.dyad_clustered), se, rtol=1e-7)


def test_cells_separated_by_combinations_leave_the_same_answer() -> None:
    """pyfixest, given the cells kept here, finds nothing more to drop and the same optimum."""
    Y, X, mask = panel(9, T=16, N=16, level=-2.3, directed=True)
    fit = fit_ppml(Y, X, directed=True, mask=mask)
    assert fit.dropped.combinations > 0
    beta, se, cells = rival(Y, X, mask & fit.kept, fit.names)
    assert int(fit.kept.sum()) == cells
    np.testing.assert_allclose(fit.beta, beta, rtol=0, atol=1e-9)
    cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N)
    np.testing.assert_allclose(standard_errors(cov.dyad_clustered), se, rtol=1e-7)

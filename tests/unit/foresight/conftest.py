"""Made histories: pairs with levels of their own that drift, counts or weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tertius.foresight.known import Known, known

Make = Callable[..., Known]


@pytest.fixture(scope="session")
def made() -> Make:
    """A ``Known`` of drawn histories; ``days`` (T,) observed days, 30 by default."""

    def make(n: int = 14, T: int = 48, *, counts: bool = True, seed: int = 1, directed: bool = False, first: int = 4,
             days: np.ndarray | None = None) -> Known:  # fmt: skip
        rng = np.random.default_rng(seed)
        i, j = np.nonzero(~np.eye(n, dtype=bool)) if directed else np.triu_indices(n, 1)
        days = np.full(T, 30.0) if days is None else days
        level = rng.normal(-0.5, 1.3, len(i))
        drift = np.zeros(len(i))
        values = {s: np.zeros((T, len(i))) for s in ("cooperation", "hostility")}
        for t in range(T):
            drift = 0.9 * drift + rng.normal(0, 0.25, len(i))
            for s, shift in (("cooperation", 0.0), ("hostility", -0.7)):
                rate = np.exp(level + drift + shift) * days[t] / 30
                y = rng.poisson(rate).astype(float)
                values[s][t] = y if counts else rng.gamma(2.0 * np.maximum(y, 1e-9), 5.0) * (y > 0)
        return known(i, j, values, days, directed=directed, first=first, year=12, units=T - 1)

    return make

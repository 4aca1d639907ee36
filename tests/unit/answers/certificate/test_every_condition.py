"""Condition 6 of all pairs at once against condition 6 of each pair alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.certificate import PairQuestion, certify_all
from tertius.answers.certificate.pair import onset_of_rise, onsets
from tertius.errors import UsageError
from tertius.worlds import world

N = 48


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("legs", ["sqrt", "min"])
def test_every_pair_is_as_it_is_alone(directed: bool, legs: str) -> None:
    sl = world("planted", n_actors=18, n_periods=N, seed=5, effect=0.4).slices(directed=directed)
    seen = np.arange(N) % 19 != 7
    sl = replace(sl, observed=seen, days=np.where(seen, np.diff(sl.edges), 0.0))
    general = certify_all(sl, legs=legs)
    window, reference = np.arange(N) >= 32, (np.arange(N) >= 14) & (np.arange(N) < 30)
    found = general.of_every_pair(window, reference)
    assert len(found) == 18 * 17 // 2
    for i, j, own in zip(*np.triu_indices(18, 1), found, strict=True):
        alone = general.about(PairQuestion(int(i), int(j), window, reference)).pair
        assert alone is not None
        assert (alone.text, alone.passed) == (own.text, own.passed)
        assert (alone.estimate, alone.se, alone.statistic) == (own.estimate, own.se, own.statistic)
        assert [(p.name, p.passed, p.text) for p in alone.parts] == [(p.name, p.passed, p.text) for p in own.parts]
        values = [p.value for p in own.parts]  # sums of third parties in another order
        assert [p.value for p in alone.parts] == pytest.approx(values, rel=1e-12, nan_ok=True)
    assert 0 < sum(s.passed for s in found) < len(found) / 2
    assert len({s.text[:60] for s in found}) > 100
    with pytest.raises(UsageError, match="no observed period"):
        general.of_every_pair(window & ~seen, reference)


def test_onsets_are_those_of_one_pair_at_a_time() -> None:
    rng = np.random.default_rng(1)
    outcome = rng.poisson(rng.gamma(0.7, 2.0, size=(1, 60)), size=(30, 60)).astype(float)
    outcome[:, 0] = 0.0
    outcome[22:, 1] += 9.0
    exposure = rng.uniform(20, 31, size=30)
    window, reference = np.arange(30) >= 18, (np.arange(30) >= 4) & (np.arange(30) < 16)
    alone = [onset_of_rise(outcome[:, p], exposure, window, reference) for p in range(60)]
    assert onsets(outcome, exposure, window, reference).tolist() == alone
    assert len(set(alone)) > 3

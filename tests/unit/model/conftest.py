"""What several tests of models need."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tertius.model.within.model import WithinModel, fit_within
from tertius.simulation import simulate
from tertius.spec import ModelSpec


@pytest.fixture
def small_within() -> Callable[[bool], WithinModel]:
    """A within-pair model of ten simulated actors, directed or not."""

    def made(directed: bool) -> WithinModel:
        kwargs = {} if directed else {"cooperation": {"inertia.coop": 0.3}, "hostility": {"inertia.host": 0.3}}
        slices = simulate(
            10,
            24,
            events_per_slice=(200.0, 120.0),
            half_life="60d",
            length="30d",
            heterogeneity=0.5,
            directed=directed,
            seed=5,
            **kwargs,
        ).slices
        foe = "shared_threat" if directed else "common_foe"
        asked = ModelSpec.of(
            model="within", effects=f"inertia.coop,{foe}", slice="30d", period="30d", half_life="60d", response="count"
        )
        return fit_within(slices, asked.resolve(directed=directed), alternatives=False)

    return made

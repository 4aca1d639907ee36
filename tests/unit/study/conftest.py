"""A small world as data, directed and undirected."""

from __future__ import annotations

import warnings

import pytest

import tertius
from tertius import Study
from tertius.errors import TertiusWarning
from tertius.events.data import EventData
from tertius.simulation import events_frame
from tertius.worlds import world


@pytest.fixture(scope="package", params=["directed", "undirected"])
def events(request: pytest.FixtureRequest) -> EventData:
    """Events by month."""
    directed = request.param == "directed"
    frame = events_frame(world("planted", n_actors=14, n_periods=48, seed=3).slices(directed=directed), "pandas")
    if not directed:  # net weights: cooperation on the first of the month, hostility a day later
        hostile = frame["quad"] == 3
        frame["date"] = frame["date"].str[:8] + hostile.map({False: "01", True: "02"})
        frame["weight"] = hostile.map({False: 1.0, True: -1.0})
        frame = frame.rename(columns={"source": "a", "target": "b"}).groupby(["date", "a", "b"], as_index=False)
        frame = frame["weight"].sum()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TertiusWarning)  # labels that are in no table of codes
        return tertius.load(frame, directed=directed)


@pytest.fixture(scope="package")
def study(events: EventData) -> Study:
    """Fitted by month."""
    return Study.open(events, model="within", adequacy="none")

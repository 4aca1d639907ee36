"""Covariates: what holds when, who is meant, and what happens to dyads without a value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tertius
from tertius.errors import BadValue, EmptyData, MissingColumn
from tertius.events.covariates import covariate
from tertius.model.design import Outcome, build_design
from tertius.model.rate.fit import fit_rate
from tertius.model.rate.sums import add_slice, no_sums, sums_at
from tertius.simulation import simulate
from tertius.sources.covariates import read_covariates
from tertius.spec import ModelSpec

DAY = np.datetime64("2000-01-01").astype(int)


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_value_holds_from_its_day_until_the_next_and_no_longer_than_carry() -> None:
    i, j, day = np.array([0, 0]), np.array([1, 1]), np.array([100.0, 0.0])
    c = covariate("trade", 3, i, j, day, np.array([7.0, 5.0]), directed=True, carry=50.0)
    assert [c.at(d)[0, 1] for d in (0.0, 50.0, 100.0, 150.0)] == [5.0, 5.0, 7.0, 7.0]
    assert np.isnan([c.at(d)[0, 1] for d in (-1.0, 51.5, 151.5)]).all()
    assert c.at(10.0)[1, 0] == 5.0  # given one way only: it holds for both
    assert np.isnan(c.at(10.0)[0, 2])


def test_the_order_of_the_ends_does_not_matter_where_a_value_is_symmetric() -> None:
    i, j, day = np.array([1, 0]), np.array([0, 1]), np.array([0.0, 100.0])
    c = covariate("trade", 2, i, j, day, np.array([1.0, 5.0]), directed=False, carry=1000.0)
    assert (c.at(50.0)[0, 1], c.at(200.0)[0, 1], c.at(200.0)[1, 0]) == (1.0, 5.0, 5.0)


def test_a_year_is_a_year_whether_leap_or_not(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "a,b,year,x\nRUS,PRK,2000,1\nRUS,USA,2001,1\n")
    (c,) = read_covariates([path], ("PRK", "RUS", "USA"), directed=True, carry_days=365.25)
    first = np.datetime64("2001-01-01").astype(int), np.datetime64("2002-01-01").astype(int)
    assert (c.at(float(first[0]))[1, 0], c.at(float(first[1]))[1, 2]) == (1.0, 1.0)
    assert np.isnan(c.at(float(first[0]) + 2)[1, 0])


def test_by_actor_each_end_has_its_own_carry(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "actor,year,x\nUSA,2000,1\nRUS,2000,2\nRUS,2004,3\n")
    (both,) = read_covariates([path], ("RUS", "USA"), directed=False, carry_days=5 * 365.25)
    assert both.at(float(np.datetime64("2004-06-01").astype(int)))[0, 1] == 4.0
    assert np.isnan(both.at(float(np.datetime64("2006-06-01").astype(int)))[0, 1])


def test_columns_of_text_are_no_covariates(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "a,b,year,x,name\nRUS,USA,2000,1,foo\nUSA,PRK,2000,n/a,bar\n")
    assert [c.name for c in read_covariates([path], ("PRK", "RUS", "USA"), directed=True, carry_days=9.0)] == ["x"]


def test_given_both_ways_a_value_is_directed() -> None:
    i, j = np.array([0, 1]), np.array([1, 0])
    c = covariate("exports", 2, i, j, np.full(2, -np.inf), np.array([1.0, 2.0]), directed=True, carry=1.0)
    assert (c.at(1e6)[0, 1], c.at(1e6)[1, 0]) == (1.0, 2.0)


def test_actors_are_found_by_label_name_and_cow_number_of_the_year(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "a,b,year,x\nRUS,Germany,2000,1\n365,PRK,2000,2\nMars,RUS,2000,3\n")
    (c,) = read_covariates([path], ("DEU", "PRK", "RUS"), directed=True, carry_days=400.0)
    assert (c.at(float(DAY))[2, 0], c.at(float(DAY))[1, 2]) == (1.0, 2.0)


def test_a_column_by_actor_is_one_of_the_sender_and_one_of_the_receiver(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "actor,year,polity\nRUS,2000,4\nPRK,2000,-9\n")
    source, target = read_covariates([path], ("PRK", "RUS"), directed=True, carry_days=400.0)
    assert (source.name, target.name) == ("polity.source", "polity.target")
    assert (source.at(float(DAY))[1, 0], target.at(float(DAY))[1, 0]) == (4.0, -9.0)
    (both,) = read_covariates([path], ("PRK", "RUS"), directed=False, carry_days=400.0)
    assert (both.name, both.at(float(DAY))[0, 1]) == ("polity", -5.0)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x,y\n1,2\n", MissingColumn),
        ("a,b\nRUS,PRK\n", MissingColumn),
        ("a,b,x\nMars,Venus,1\n", EmptyData),
        ("a,b,date,x\nRUS,PRK,never,1\n", BadValue),
    ],
)
def test_files_that_cannot_be_meant_are_refused(tmp_path: Path, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_covariates([write(tmp_path / "c.csv", text)], ("PRK", "RUS"), directed=True, carry_days=1.0)


def test_a_planted_covariate_comes_back_and_dyads_without_it_leave_the_risk_set() -> None:
    """Leaving dyads out by a missing covariate equals leaving them out by hand."""
    sl = simulate(8, 60, events_per_slice=(8.0, 5.0), half_life="20d", seed=3).slices
    rng = np.random.default_rng(1)
    i, j = np.nonzero(~np.eye(8, dtype=bool))
    known = rng.random(len(i)) < 0.7
    c = covariate(
        "x",
        8,
        i[known],
        j[known],
        np.full(known.sum(), -np.inf),
        rng.normal(size=known.sum()),
        directed=True,
        carry=1.0,
    )
    spec = replace(ModelSpec.of(effects="inertia.coop,x", slice="1d").resolve(directed=True), model="rate", legs="sqrt")
    design = build_design(sl, spec, (c,))
    assert design.names == ("inertia.coop", "x")
    outcome, beta = Outcome(design), np.array([0.4, -0.3])
    fast = sums_at(design, outcome, beta)
    slow = no_sums(2)
    keep = ~np.isnan(c.at(0.0)[i, j])
    for s, X in design.blocks(0, len(design.used)):
        at, y = outcome.of(s)
        there = keep[at]
        if there.any():
            add_slice(slow, X[:, keep], (np.cumsum(keep) - 1)[at[there]], y[there], beta)
    assert fast.log_likelihood == pytest.approx(slow.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(fast.information, slow.information, rtol=1e-10)
    assert fit_rate(design).total < sl.coop_count.sum()


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_covariates_through_the_front_door(tmp_path: Path) -> None:
    history = simulate(8, 60, events_per_slice=(8.0, 5.0), seed=3)
    lines = [f"A{a},A{b},{abs(a - b)}" for a in range(8) for b in range(a + 1, 8)]
    path = write(tmp_path / "distance.csv", "\n".join(["a,b,distance", *lines]))
    fit = tertius.fit(
        history.to_frame(), model="rate", effects="inertia.coop,distance", slice="1d", covariates=[str(path)]
    )
    assert [c.term for c in fit.coefficients] == ["inertia.coop", "distance"]
    assert fit.coefficient("distance").scale == 1.0

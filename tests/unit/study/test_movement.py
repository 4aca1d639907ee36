"""Trend, rank and isolation against own recomputations from the rows; coverage; what cannot be asked."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import tertius
from tertius.errors import EmptyData, NotEnoughData, TertiusError, UnknownActor, UsageError
from tertius.events.data import EventData
from tertius.report.pages import charts_of

WriteCsv = Callable[..., Path]
FIRST, DAYS = date(2020, 1, 1), 731
STATES = ("RUS", "PRK", "CHN", "USA", "IND", "BRA", "ZAF", "EGY")


def table(seed: int = 1, days: int = DAYS) -> pd.DataFrame:
    """Two years of events between eight states; from 2021 on Russia has three partners only."""
    rng = np.random.default_rng(seed)
    rows = []
    for d in range(days):
        for _ in range(rng.poisson(9.0)):
            a, b = rng.choice(len(STATES), 2, replace=False)
            day = FIRST + timedelta(days=d)
            if day.year == 2021 and "RUS" in (STATES[a], STATES[b]) and {STATES[a], STATES[b]} & set(STATES[3:]):
                continue
            kind = rng.choice(["CONSULT", "COOPERATE", "ACCUSE"])
            rows.append((str(day), STATES[a], STATES[b], 3 if kind == "ACCUSE" else 1, kind))
    return pd.DataFrame(rows, columns=["date", "source", "target", "quad", "type"])


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    return table()


@pytest.fixture(scope="module")
def events(raw: pd.DataFrame) -> EventData:
    return loaded(raw)


def loaded(frame: pd.DataFrame, **options: object) -> EventData:
    return tertius.load(frame, mirrored="keep", **options)


def ends(raw: pd.DataFrame, a: str, b: str) -> pd.Series:
    return ((raw["source"] == a) & (raw["target"] == b)) | ((raw["source"] == b) & (raw["target"] == a))


def test_a_trend_is_events_over_observed_days(raw: pd.DataFrame, events: EventData) -> None:
    found = tertius.trend("Russia", "PRK", events, at="2021-01-01").to_dict()
    friendly = raw[raw["quad"] == 1]
    own = friendly[ends(friendly, "RUS", "PRK")]
    before, after = (own["date"] < "2021-01-01").sum() / 366, (own["date"] >= "2021-01-01").sum() / 365
    assert (found["before"], found["after"]) == pytest.approx((before, after))
    assert found["ratio"] == pytest.approx(after / before)
    every = (friendly["date"] >= "2021-01-01").sum() / (friendly["date"] < "2021-01-01").sum()
    assert found["ratio_of_share"] == pytest.approx((after * 365) / (before * 366) / every)
    assert found["low"] < found["ratio"] < found["high"]


def test_a_trend_of_types_is_set_against_all_types(raw: pd.DataFrame, events: EventData) -> None:
    found = tertius.trend("CHN", "USA", events, at="2021-01-01", types="cooperate").to_dict()
    own = raw[ends(raw, "CHN", "USA") & (raw["type"] == "COOPERATE")]
    late = own["date"] >= "2021-01-01"
    assert (found["outcome"], found["types"]) == ("any", ["cooperate"])
    assert found["after"] == pytest.approx(late.sum() / 365)
    everything = raw["date"] >= "2021-01-01"
    ratio = (late.sum() / everything.sum()) / ((~late).sum() / (~everything).sum())
    assert found["ratio_of_share"] == pytest.approx(ratio)


def test_half_the_days_unobserved_change_neither_rate_nor_rank(raw: pd.DataFrame) -> None:
    """One event of the pair a day; every second day of 2021 is not observed, and nothing has changed."""
    days = [FIRST + timedelta(days=d) for d in range(DAYS)]
    other = [(str(d), "USA", "CHN", 1) for d in days]
    own = [(str(d), "RUS", "PRK", 1) for d in days]
    gaps = [str(d) for k, d in enumerate(days) if d.year == 2021 and k % 2]
    kept = pd.DataFrame([r for r in own + other if r[0] not in set(gaps)], columns=["date", "source", "target", "quad"])
    found = tertius.trend("RUS", "PRK", loaded(kept, missing=gaps), at="2021-01-01").to_dict()
    assert (found["before"], found["after"], found["ratio"]) == pytest.approx((1.0, 1.0, 1.0))
    assert tertius.rank("RUS", "PRK", loaded(kept, missing=gaps)).standing.percentile == pytest.approx(50.0)
    naive = tertius.trend("RUS", "PRK", loaded(kept), at="2021-01-01").to_dict()
    assert naive["ratio"] == pytest.approx(0.5, abs=0.01)


def test_a_month_hardly_observed_is_in_no_figure(raw: pd.DataFrame) -> None:
    gone = [str(date(2021, 3, 1) + timedelta(days=d)) for d in range(20)]
    kept = raw[~raw["date"].isin(gone)]
    data = loaded(kept, missing=gone)
    found = tertius.trend("RUS", "PRK", data, at="2021-01-01").to_dict()
    assert found["left_out"] == 1
    assert found["observed_days"] == {"before": 366.0, "after": 365.0 - 31}
    months = {line["period"]: line["value"] for line in found["series"]}
    assert months["2021-03-01"] is None
    with pytest.raises(NotEnoughData, match="2021-03-15"):
        tertius.rank("RUS", "PRK", data, at="2021-03-15")


def test_a_rank_is_the_net_among_earlier_months(raw: pd.DataFrame, events: EventData) -> None:
    found = tertius.rank("USA", "IND", events, at="2021-06-10").to_dict()
    own = raw[ends(raw, "USA", "IND")]
    net = np.where(own["quad"] == 1, 1.0, -1.0)
    monthly = pd.Series(net, index=pd.to_datetime(own["date"])).resample("MS").sum()
    daily = monthly / monthly.index.days_in_month
    value = daily["2021-06-01"]
    earlier = daily[:"2021-05-31"]
    assert (found["at"], found["n"]) == ("2021-06-01", 17)
    assert found["value"] == pytest.approx(value)
    slow = 100 * ((earlier < value).sum() + 0.5 * (earlier == value).sum()) / len(earlier)
    assert found["percentile"] == pytest.approx(slow)


def simpson(n: np.ndarray) -> float:
    """The unbiased index, turned round."""
    return float(n.sum() * (n.sum() - 1) / (n * (n - 1)).sum())


def left_out(raw: pd.DataFrame, actor: str) -> tuple[list[float], list[np.ndarray]]:
    """Logarithm of the figure before and after, and without each block of three months."""
    own = raw[(raw["quad"] == 1) & ((raw["source"] == actor) | (raw["target"] == actor))]
    partner = np.where(own["source"] == actor, own["target"], own["source"])
    counts = pd.crosstab(pd.to_datetime(own["date"]).dt.to_period("M"), partner).to_numpy()
    parts = (counts[:12], counts[12:])
    return [np.log(simpson(part.sum(axis=0))) for part in parts], [
        np.log([simpson(part.sum(axis=0) - b.sum(axis=0)) for b in np.array_split(part, 4)]) for part in parts
    ]


def shrunk(every: list[list[np.ndarray]]) -> float:
    """Autocorrelation of the first one's blocks, drawn towards that of all by empirical Bayes; bias of short series."""
    rhos = []
    for spans in every:
        rests = [w - w.mean() for w in spans]
        rhos.append(sum(np.sum(r[1:] * r[:-1]) for r in rests) / sum(np.sum(r**2) for r in rests))
    blocks = [len(w) for w in every[0]]
    chance = (1 - np.mean(rhos) ** 2) / sum(blocks)
    real = max(np.var(rhos, ddof=1) - chance, 0)
    rho = np.mean(rhos) + (rhos[0] - np.mean(rhos)) * real / (real + chance)
    m = np.mean(blocks)
    return float(np.clip((m * rho + 1) / max(m - 3, 1), 0, 0.9))


def test_isolation_of_counts_is_recomputed_from_the_rows(raw: pd.DataFrame, events: EventData) -> None:
    """Figure, and its interval by leaving out blocks of three months in turn, autocorrelation shrunk to the others'."""
    found = tertius.isolation("RUS", events, at="2021-01-01", beside="CHN,USA").to_dict()
    logs, without = left_out(raw, "RUS")
    rho = shrunk([without, *(left_out(raw, actor)[1] for actor in ("CHN", "USA"))])
    variances = [3 / 4 * ((w - w.mean()) ** 2).sum() * (1 + rho) / (1 - rho) for w in without]
    total, cases = sum(variances), max(3 * (1 - rho**2) / (1 + rho**2), 1)
    half = student.ppf(0.975, total**2 / sum(v**2 / cases for v in variances)) * total**0.5
    change = logs[1] - logs[0]
    assert found["before"]["partners"] == pytest.approx(np.exp(logs[0]))
    assert (found["ratio"], found["low"], found["high"]) == pytest.approx(
        tuple(np.exp([change, change - half, change + half]))
    )
    assert found["high"] < 1
    assert "fewer" in found["text"]
    assert len(found["series"]) == 8
    assert set(found["others"]) == {"CHN", "USA"}


def test_a_group_counts_its_members_and_overall_stands_beside(events: EventData) -> None:
    found = tertius.isolation("RUS", events, at="2021-01-01", group="Global South")
    assert (found.group, found.to_dict()["members"]) == ("G77", 6)  # those who occur in the data, itself left out
    assert found.overall is not None
    assert found.overall.before.partners > found.found.before.partners + 0.5
    alone = tertius.isolation("RUS", events, at="2021-01-01")
    assert alone.to_dict()["overall"] is None
    assert alone.found.after == found.overall.after


def test_groups_of_ones_own(events: EventData, csv_file: WriteCsv) -> None:
    path = csv_file("mine.csv", "actor", "PRK", "China", "IND")
    found = tertius.isolation("RUS", events, at="2021-01-01", group="mine", groups=path)
    assert (found.group, found.members) == ("mine", 3)
    assert str(path) in found.command
    with pytest.raises(UsageError, match="none was asked for"):
        tertius.isolation("RUS", events, groups=path)


def test_others_without_a_figure_are_named_and_left_out(raw: pd.DataFrame) -> None:
    once = pd.DataFrame([("2020-05-05", "JPN", "KOR", 1, "CONSULT")], columns=raw.columns)
    found = tertius.isolation("RUS", loaded(pd.concat([raw, once])), at="2021-01-01", beside="CHN,JPN")
    assert found.beside == ("CHN",)
    assert "Too little is recorded of JPN" in " ".join(found.caveats)
    assert found.found.against_others is not None
    assert np.isfinite(found.found.against_others.ratio)


@pytest.mark.parametrize("function", [tertius.trend, tertius.rank])
def test_pairs_that_cannot_be_meant(function: Callable[..., object], events: EventData) -> None:
    with pytest.raises(UsageError, match="twice"):
        function("RUS", "Russia", events)
    with pytest.raises(UnknownActor, match="JPN"):
        function("RUS", "JPN", events)


ASKED: dict[str, tuple[dict[str, str], type[TertiusError], str]] = {
    "before the data": ({"at": "2020-01-01"}, UsageError, "does not divide"),
    "after the data": ({"at": "2023-01-01"}, UsageError, "does not divide"),
    "no day": ({"at": "yesterday"}, UsageError, "not a date"),
    "no such group": ({"group": "Entente"}, UsageError, "There is no group"),
    "beside itself": ({"beside": "RUS"}, UsageError, "--beside"),
    "no such outcome": ({"outcome": "love"}, UsageError, "--outcome 'love'"),
    "no such response": ({"response": "money"}, UsageError, "--response 'money'"),
    "no such type": ({"types": "KISS"}, UsageError, "'KISS'"),
    "too short": ({"at": "2020-02-01"}, NotEnoughData, "blocks"),
    "nothing there": ({"start": "2030-01-01"}, EmptyData, "the data run from"),
}


@pytest.mark.parametrize("name", ASKED)
def test_isolation_that_cannot_be_answered(name: str, events: EventData) -> None:
    options, error, said = ASKED[name]
    with pytest.raises(error) as raised:
        tertius.isolation("RUS", events, **options)
    assert said in raised.value.message


@pytest.mark.parametrize(("at", "side"), [("2020-01-09", "before"), ("2021-12-25", "from")])
def test_a_side_without_a_whole_period_is_named(at: str, side: str, events: EventData) -> None:
    with pytest.raises(NotEnoughData) as raised:
        tertius.trend("RUS", "PRK", events, at=at, end="2021-12-28")
    assert f"{side} {at}" in raised.value.message
    assert "--period" in raised.value.hint
    with pytest.raises(NotEnoughData, match="No period of 10y before"):
        tertius.trend("RUS", "PRK", events, period="10y")


def test_data_without_types_say_so(raw: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match="have no types"):
        tertius.trend("RUS", "PRK", loaded(raw.drop(columns="type")), types="CONSULT")


def test_codes_of_digits_take_those_below(raw: pd.DataFrame) -> None:
    coded = raw.assign(type=raw["type"].map({"CONSULT": "040", "COOPERATE": "0571", "ACCUSE": "112"})).drop(
        columns="quad"
    )
    data = loaded(coded)
    assert data.of_types(["05"]).describe()["events"] == (coded["type"] == "0571").sum()
    assert data.of_types(["040", "11"]).describe()["events"] == (coded["type"] != "0571").sum()


def test_rows_behind_a_pair_by_type(raw: pd.DataFrame, events: EventData) -> None:
    from tertius.study import events_between

    found = events_between("RUS", "PRK", events, None, None, 5, "consult,accuse")
    assert found["n"] == (ends(raw, "RUS", "PRK") & (raw["type"] != "COOPERATE")).sum()
    assert {row["type"] for row in found["events"]} <= {"CONSULT", "ACCUSE"}
    assert found["types"] == ["consult", "accuse"]


# real data: the figures of tertius against a recomputation in plain pandas, from the file


@pytest.fixture(scope="module")
def net(shared: Path) -> pd.DataFrame:
    frame = pd.read_parquet(shared / "data" / "gdelt_dyad_day" / "weights.parquet")
    return frame[frame["a"] != frame["b"]]


@pytest.fixture(scope="module")
def gdelt(shared: Path) -> EventData:
    folder = shared / "data" / "gdelt_dyad_day"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tertius.load(folder / "weights.parquet", directed=False, missing=folder / "missing_days.csv")


@pytest.fixture(scope="module")
def months(shared: Path) -> pd.Series:
    """Observed days of every month, those alone of which half or more were observed."""
    gaps = pd.to_datetime(pd.read_csv(shared / "data" / "gdelt_dyad_day" / "missing_days.csv").iloc[:, 0])
    every = pd.date_range("2018-01-01", "2023-06-30")
    seen = every[~every.isin(gaps)].to_period("M").value_counts().sort_index()
    return seen[seen / seen.index.days_in_month >= 0.5]


def monthly_partners(net: pd.DataFrame, months: pd.Series, actor: str) -> pd.DataFrame:
    """Positive weight with each partner by observed month."""
    own = net[((net["a"] == actor) | (net["b"] == actor)) & (net["weight"] > 0)]
    partner = np.where(own["a"] == actor, own["b"], own["a"])
    month = pd.to_datetime(own["date"]).dt.to_period("M")
    return own["weight"].groupby([month, partner]).sum().unstack(fill_value=0.0).reindex(months.index, fill_value=0.0)


def halves(Y: pd.DataFrame) -> list[tuple[float, np.ndarray]]:
    """log of 1 / sum p^2 before and from March 2022, whole and without each block of three months."""
    late = Y.index >= pd.Period("2022-03")
    out = []
    for part in (Y[~late].to_numpy(), Y[late].to_numpy()):
        blocks = np.array_split(part, len(part) // 3)

        def log_partners(x: np.ndarray) -> float:
            return float(-np.log(((x / x.sum()) ** 2).sum()))

        total = part.sum(axis=0)
        out.append((log_partners(total), np.array([log_partners(total - b.sum(axis=0)) for b in blocks])))
    return out


@pytest.mark.shared
@pytest.mark.parametrize("group", [None, "G77"])
def test_isolation_of_russia_is_recomputed_from_the_raw_rows(
    group: str | None, net: pd.DataFrame, months: pd.Series, gdelt: EventData
) -> None:
    others = ["CHN", "TUR", "IRN", "IND", "BRA"]
    found = tertius.isolation("RUS", gdelt, at="2022-03-01", group=group, beside=others).to_dict()
    members = None if group is None else set(tertius.codes.members_between(group, date(2018, 1, 1), date(2023, 6, 30)))
    logs = {}
    for actor in ("RUS", *others):
        Y = monthly_partners(net, months, actor)
        logs[actor] = halves(Y if members is None else Y[[c for c in Y.columns if c in members]])
    own = logs["RUS"]
    assert found["before"]["partners"] == pytest.approx(np.exp(own[0][0]))
    assert found["after"]["partners"] == pytest.approx(np.exp(own[1][0]))
    assert found["own_ratio"]["ratio"] == pytest.approx(np.exp(own[1][0] - own[0][0]))
    change, variances, sizes, against = 0.0, [], [], []
    for k, sign in ((0, -1), (1, 1)):
        without = own[k][1] - np.mean([logs[a][k][1] for a in others], axis=0)
        change += sign * (own[k][0] - np.mean([logs[a][k][0] for a in others]))
        m = len(without)
        variances.append((m - 1) / m * ((without - without.mean()) ** 2).sum())
        sizes.append(m)
        against.append(without)
    rho = shrunk([against, *([logs[a][k][1] for k in (0, 1)] for a in others)])
    variances = [v * (1 + rho) / (1 - rho) for v in variances]
    sizes = [max((m - 1) * (1 - rho**2) / (1 + rho**2), 1) for m in sizes]
    total = sum(variances)
    half = student.ppf(0.975, total**2 / sum(v**2 / s for v, s in zip(variances, sizes, strict=True))) * total**0.5
    assert found["ratio"] == pytest.approx(np.exp(change))
    ends = tuple(np.exp([change - half, change + half]))
    assert (found["low"], found["high"]) == pytest.approx(ends, rel=1e-5)  # rho takes up the weights' rounding


@pytest.mark.shared
def test_a_trend_is_recomputed_from_the_raw_rows(net: pd.DataFrame, months: pd.Series, gdelt: EventData) -> None:
    found = tertius.trend("RUS", "PRK", gdelt, at="2022-03-01").to_dict()
    friendly = net[net["weight"] > 0]
    month = pd.to_datetime(friendly["date"]).dt.to_period("M")
    own = (friendly["a"] == "PRK") & (friendly["b"] == "RUS")
    sums = friendly["weight"].groupby(month).sum().reindex(months.index)
    pair = friendly["weight"][own].groupby(month[own]).sum().reindex(months.index, fill_value=0.0)
    late = months.index >= pd.Period("2022-03")
    before, after = (pair[part].sum() / months[part].sum() for part in (~late, late))
    assert (found["before"], found["after"]) == pytest.approx((before, after))
    assert found["ratio"] == pytest.approx(after / before)
    share = (pair[late].sum() / sums[late].sum()) / (pair[~late].sum() / sums[~late].sum())
    assert found["ratio_of_share"] == pytest.approx(share)


def test_a_day_inside_a_period_is_not_said_to_begin_the_table(events: EventData) -> None:
    found = tertius.ties("RUS", events, at="2021-01-20")
    assert found.after[0] == "2021-02-01"
    assert found.to_dict()["at"] == "2021-01-20"
    assert "Russia from 2021-02-01" in found.text
    key = charts_of(tertius.trend("RUS", "PRK", events, at="2021-01-20"))["trend"].to_dict()["usermeta"]["key"]
    assert key[-1]["text"] == "the rates before and from 2021-02-01"


def test_ties_are_recomputed_from_the_rows(raw: pd.DataFrame, events: EventData) -> None:
    found = tertius.ties("RUS", events, at="2021-01-01")
    day = pd.to_datetime(raw["date"])
    ours = raw[(raw["source"] == "RUS") | (raw["target"] == "RUS")]
    for tie in found.ties:
        both = ours[(ours["source"] == tie.actor) | (ours["target"] == tie.actor)]
        for of, quads in enumerate(((1, 2), (3, 4))):
            rows = both[both["quad"].isin(quads)]
            later = day[rows.index] >= "2021-01-01"
            for n, rate, span in (
                (later.sum(), tie.after[of], found.after),
                ((~later).sum(), tie.before[of], found.before),
            ):
                days = (pd.Timestamp(span[1]) - pd.Timestamp(span[0])).days + 1
                assert rate == pytest.approx(n / days, rel=1e-9)
            ratio = tie.ratio[of]
            assert np.isnan(ratio) or tie.low[of] <= ratio <= tie.high[of]
    friends = [t.after[0] for t in found.most(0)]
    assert friends == sorted(friends, reverse=True)
    assert found.to_dict()["foes"] == [t.actor for t in found.most(1)]
    trend = tertius.trend("RUS", found.most(0)[0].actor, events, at="2021-01-01").rise
    assert (trend.ratio, trend.window_rate) == pytest.approx((found.most(0)[0].ratio[0], found.most(0)[0].after[0]))

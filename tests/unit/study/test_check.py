"""Claims put to data: time, types, groups, what is not covered, and the mirrored verdict of a claim turned round."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tertius as package
from tertius.answers.claim_check import Checked, CheckedClaim
from tertius.errors import TertiusWarning, UsageError
from tertius.events.data import EventData
from tertius.reading.reading import Claim, DateInterval, Document, Metadata, ReaderName, Reading
from tertius.sources.loading import load
from tertius.spec import Duration
from tertius.study import events_between
from tertius.study.check import check, check_reading

MONTHS = 72
ARTICLES = Path(__file__).parents[1] / "reading" / "articles"
TURNED = {"supported": "contradicted", "contradicted": "supported"}


def monthly(**changes: tuple[str, float]) -> EventData:
    """Net dyadic weights by month from 2015 of twelve states, about 40 a month each way; "A_B": what happens from
    2019-01 on, a factor of cooperation or of hostility."""
    rng = np.random.default_rng(3)
    names = ("USA", "RUS", "CHN", "IRN", "FRA", "POL", "IND", "BRA", "EGY", "JPN", "AUS", "ZAF")
    rows = []
    for m in range(MONTHS):
        day = date(2015 + m // 12, m % 12 + 1, 1)
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                sign, factor = changes.get(f"{a}_{b}", ("cooperation", 1.0))
                now = factor if day >= date(2019, 1, 1) else 1.0
                usual = 40.0 * rng.lognormal(0.0, 0.2)
                each = {"cooperation": usual, "hostility": usual} | {sign: usual * now}
                rows += [(str(day), a, b, float(rng.poisson(each["cooperation"])))]
                rows += [(str(day.replace(day=28)), a, b, -float(rng.poisson(each["hostility"])))]
    return load(pd.DataFrame(rows, columns=["date", "a", "b", "weight"]), directed=False)


@pytest.fixture(scope="module")
def data() -> EventData:
    return monthly(USA_RUS=("hostility", 3.0), RUS_CHN=("cooperation", 2.0), RUS_IRN=("cooperation", 0.4))


def of(kind: str, actors: tuple[str, ...], **more: Any) -> Claim:
    given = {"polarity": "cooperation", "direction": "up"} | more
    dates = DateInterval(given.pop("since", None), given.pop("until", None), given.pop("alternatives", ()))
    return Claim(
        "c1", kind, actors, given.pop("driver", ()), sentence="", span=(0, 0), testable=True, dates=dates, **given
    )


def asked(data: EventData, *claims: Claim, written: str = "2020-12-31") -> Checked:
    return check_reading(Reading(Document("", Metadata(date=written)), (), ReaderName("me"), claims), data, cache=False)


def one(data: EventData, claim: Claim, written: str = "2020-12-31") -> CheckedClaim:
    return asked(data, claim, written=written).claims[0]


@pytest.mark.parametrize(
    ("pair", "polarity", "direction", "verdict"),
    [
        (("RUS", "CHN"), "cooperation", "up", "supported"),
        (("RUS", "CHN"), "cooperation", "down", "contradicted"),
        (("RUS", "IRN"), "cooperation", "down", "supported"),
        (("USA", "RUS"), "hostility", "up", "supported"),
        (("FRA", "POL"), "cooperation", "up", "no effect above"),
    ],
)
def test_a_trend_has_the_verdict_of_its_ratio(
    data: EventData, pair: tuple[str, str], polarity: str, direction: str, verdict: str
) -> None:
    found = one(data, of("trend", pair, polarity=polarity, direction=direction, since="2019-01-01"))
    assert found.judged.verdict == verdict
    assert found.at == "2019-01-01"
    assert len(found.series) == MONTHS
    denial = one(data, of("trend", pair, polarity=polarity, direction=direction, since="2019-01-01", negated=True))
    turned = {**TURNED, "no effect above": "supported"}
    assert denial.judged.verdict == turned[verdict]


def test_the_command_of_a_trend_gives_the_same_figures(data: EventData, tmp_path: Path) -> None:
    found = one(data, of("trend", ("RUS", "CHN"), since="2019-01-01"))
    words = shlex.split(found.query)
    assert words[:4] == ["tertius", "trend", "RUS", "CHN"]
    options = {word: words[k + 1] for k, word in enumerate(words) if word.startswith("--")}
    assert (options["--at"], options["--outcome"]) == ("2019-01-01", "cooperation")
    again = package.trend("RUS", "CHN", data, at=options["--at"], outcome=options["--outcome"])
    assert found.judged.value == again.share.ratio


def test_a_text_speaks_of_nothing_after_its_day(data: EventData) -> None:
    found = one(data, of("trend", ("RUS", "CHN"), since="2017-01-01"), written="2018-12-15")
    assert found.judged.verdict == "no effect above"  # the rise comes in 2019
    assert "--to 2018-12-15" in found.query


def test_the_years_before_a_day_are_set_against_those_before_them(data: EventData) -> None:
    found = one(data, of("trend", ("RUS", "CHN"), until="2020-12-30"))
    assert found.at == "2018-12-31"
    early = one(data, of("trend", ("RUS", "CHN"), until="2018-12-31"))
    assert early.at == "2016-12-31"
    assert early.judged.verdict == "no effect above"
    assert "--to 2018-12-31" in early.query


@pytest.mark.parametrize(
    "claim",
    [
        of("trend", ("RUS", "CHN"), since="2014-01-01"),
        of("trend", ("RUS", "CHN"), until="2014-01-01"),
        of("extreme", ("USA", "RUS"), polarity="hostility", since="1991-01-01"),
        of("isolation", ("RUS",), direction="down", since="1999-01-01"),
        of("trend", ("RUS", "PRK"), since="2019-01-01"),
        of("trend", ("RUS", "CHN"), since="2019-01-01", about="military exercises", types=("COOPERATE",)),
        of("event", ("RUS", "CHN"), since="1999-01-01", until="1999-12-31"),
    ],
)
def test_what_the_data_do_not_cover_is_too_thin_and_says_so(data: EventData, claim: Claim) -> None:
    found = one(data, claim)
    assert found.judged.verdict == "data too thin"
    assert any(limit.startswith("not covered: ") for limit in found.judged.limits)
    assert found.by_chance == 0.0


def test_members_of_an_organisation_are_summed(data: EventData) -> None:
    """NATO, of whom USA, FRA and POL occur: hostility towards Russia rose threefold for one of three."""
    found = one(data, of("trend", ("NATO", "RUS"), polarity="hostility", since="2019-01-01"))
    assert found.judged.verdict == "supported"
    assert found.judged.value == pytest.approx((40 * 3 + 80) / 120, rel=0.1)
    assert "trend @NATO RUS" in found.query
    assert {r["source"] for r in found.rows} | {r["target"] for r in found.rows} == {"USA", "FRA", "POL", "RUS"}
    within = one(data, of("trend", ("NATO", "FRA"), since="2019-01-01"))
    assert within.judged.verdict == "no effect above"  # with the other members
    own = one(data, of("trend", ("FRA", "NATO"), since="2019-01-01"))
    assert own.judged.limits == ("not covered: FRA is one of NATO.",)


def test_an_isolation_is_of_partners_and_of_how_much_there_is(data: EventData) -> None:
    found = one(data, of("isolation", ("RUS",), direction="down", since="2019-01-01"))
    assert any("how evenly" in limit for limit in found.judged.limits)
    assert "spread as evenly as over" in found.judged.explanation
    assert "How much there is of it" in found.judged.explanation


def test_the_command_of_an_event_of_an_organisation_gives_the_same_rows(data: EventData) -> None:
    found = one(data, of("event", ("NATO", "RUS"), polarity=None, since="2020-01-01", until="2020-06-30"))
    words = shlex.split(found.query)
    assert words[:4] == ["tertius", "events", "@NATO", "RUS"]
    flags = dict(zip(words[5::2], words[6::2], strict=True))
    rows = events_between(words[2], words[3], data, flags["--from"], flags["--to"], 1000)
    assert rows["n"] == found.judged.n == 6 * 2 * 3  # months, signs, and the members that occur
    assert rows["pair"] == ["@NATO", "RUS"]
    with pytest.raises(UsageError, match="NATO"):
        events_between("NATO", "RUS", data, None, None, 1)


def test_a_day_up_to_which_something_happened_is_looked_back_from(data: EventData) -> None:
    found = one(data, of("event", ("RUS", "CHN"), until="2016-06-30"))
    assert "--from 2014-07-01 --to 2016-06-30" in found.query
    assert found.judged.verdict == "supported"


def test_a_first_time_is_no_standing_of_the_pair(data: EventData) -> None:
    found = one(data, of("extreme", ("RUS", "CHN"), since="2016-01-01", about="a first time"))
    assert (found.judged.verdict, found.query, found.tested) == ("data too thin", "", False)
    assert "Far from it" not in found.judged.explanation


def test_an_actor_with_others_is_judged_by_its_pairs_against_all_others(data: EventData) -> None:
    found = one(data, of("trend", ("RUS",), since="2019-01-01"))
    assert found.judged.n == 11
    assert found.judged.verdict == "data too thin"  # one rose, one fell
    assert "--actor RUS" in found.query


def test_why_one_turned_on_another_is_not_asked(data: EventData) -> None:
    found = one(data, of("cause", ("RUS", "POL"), driver=("NATO",), polarity="hostility"))
    assert found.judged.verdict == "not testable"
    assert not found.tested


def test_an_event_of_a_month_is_looked_up_in_that_month() -> None:
    rows = [(f"201{y}-{m:02d}-01", "RUS", "CHN", 5.0) for y in range(5, 9) for m in range(1, 13) if (y, m) != (7, 5)]
    by_month = replace(
        load(pd.DataFrame(rows, columns=["date", "a", "b", "weight"]), directed=False),
        grain=Duration(1, "mo"),
    )
    here = one(by_month, of("event", ("RUS", "CHN"), since="2017-04-14", until="2017-04-14"))
    assert here.judged.verdict == "supported"
    assert here.judged.explanation == "1 period with cooperation between Russia and China in that time."
    assert any("2017-04-01 to 2017-04-30" in limit for limit in here.judged.limits)
    silent = one(by_month, of("event", ("RUS", "CHN"), since="2017-05-14", until="2017-05-14"))
    assert silent.judged.verdict == "data too thin"  # one row is usual in a month: its lack says little
    assert any("Who acted on whom" in limit for limit in silent.judged.limits)


def test_a_cause_and_its_general_form_come_from_one_study() -> None:
    frame = package.simulate(16, 900, seed=2).to_frame("pyarrow")
    claims = (
        of("cause", ("A00", "A01"), driver=("A02",)),
        of("cause", ("A00", "A01"), driver=("A02", "A03")),
        of("general", ()),
    )
    with pytest.warns(TertiusWarning):
        found = asked(load(frame), *claims, written="2099-01-01")
    single, several, general = found.claims
    assert single.judged.verdict == several.judged.verdict != "supported"
    assert single.judged.value is not None
    assert "A02" in single.judged.explanation
    assert "(2 states, summed)" in several.judged.explanation
    assert "--by A02" in single.query
    assert general.judged.verdict in ("consistent with", "mixed", "data too thin", "no effect above", "contradicted")
    assert len(single.series) > 2


def test_a_policy_stays_a_norm_and_the_price_under_it_is_checked(data: EventData) -> None:
    cause = of("cause", ("RUS", "CHN"), driver=("USA",))
    stop = replace(of("policy", ("USA",)), testable=False, sentence="Washington should stop uniting its adversaries.")
    rule = replace(stop, id="c3", actors=(), sentence="A wise policy does not drive adversaries together.")
    talk = replace(stop, id="c4", sentence="Washington should talk to both.")
    _, named, carried, other = asked(data, cause, stop, rule, talk).claims
    assert other.query == ""
    assert other.fact is None
    for found in (named, carried):
        assert found.judged.verdict == "not testable"
        assert found.judged.value is None
        assert found.query.startswith("tertius price USA")
        assert "--adversaries RUS,CHN" in found.query
        assert found.fact is not None
        assert found.fact.judged.interval is not None
        assert found.fact.judged.verdict != "supported"
        assert found.to_dict()["fact"]["verdict"] == found.fact.judged.verdict
        assert any("ought to do" in limit for limit in found.judged.limits)
    assert any("taken from other claims" in limit for limit in carried.judged.limits)


def test_a_prediction_has_the_forecast_beside_it(data: EventData) -> None:
    more = replace(of("prediction", ("RUS", "CHN")), testable=False)
    unknown = replace(more, id="c2", actors=("RUS", "VUT"))
    found, other = asked(data, more, unknown).claims
    assert found.judged.verdict == other.judged.verdict == "not testable"
    assert found.query.startswith("tertius forecast")
    assert found.query.endswith("--pair RUS CHN") or found.query.endswith("--pair CHN RUS")
    assert found.fact is not None
    assert found.fact.judged.verdict in ("leaning", "mixed")
    assert found.fact.judged.interval is not None
    assert other.fact is None
    assert found.tested
    assert found.by_chance == 0.0


def test_allies_are_the_members_of_an_alliance_or_said_to_be_left_out(data: EventData) -> None:
    alone = of("trend", ("USA", "RUS"), polarity="hostility", since="2019-01-01")
    usa, india = (one(data, replace(alone, allies=(x,), actors=(x, "RUS"))) for x in ("USA", "IND"))
    assert "@NATO" in usa.query
    assert usa.judged.value != one(data, alone).judged.value
    assert any("members of NATO" in limit for limit in usa.judged.limits)
    assert any("not known" in limit for limit in india.judged.limits)
    assert india.query == one(data, replace(alone, actors=("IND", "RUS"))).query
    driver = one(data, of("cause", ("RUS", "CHN"), driver=("NATO",)))
    assert "--by @NATO" in driver.query


def test_how_many_would_pass_by_chance(data: EventData) -> None:
    trends = [of("trend", ("RUS", "CHN"), since="2019-01-01"), of("trend", ("USA", "RUS"), since="2019-01-01")]
    extreme = of("extreme", ("USA", "RUS"), polarity="hostility", since="2015-01-01")
    found = asked(data, *trends, extreme, of("motive", ("RUS",)))  # a reader's own kind
    n = found.claims[2].judged.n
    assert n == MONTHS - 1
    assert found.by_chance == pytest.approx(2 * 0.025 + 1 / (n + 1))


def test_quotes_reproduce_no_more_than_what_was_checked() -> None:
    text = "It rained. Cooperation between Russia and China has grown since 2019. Putin wants respect."
    found = check(text=text, data=monthly(), written="2020-12-31", quotes=True, cache=False)
    said = str(found.to_dict())
    assert "has grown since 2019" in said
    assert "It rained" not in said
    assert "wants respect" not in said
    whole = check(text=text, data=monthly(), written="2020-12-31", cache=False)
    assert "wants respect" in str(whole.to_dict())


def _mirrored(claims: Checked, turned: Checked) -> None:
    for c, d in zip(claims.claims, turned.claims, strict=True):
        assert d.judged.verdict == TURNED.get(c.judged.verdict, c.judged.verdict), c.claim.sentence
        assert c.judged.value == d.judged.value or math.isnan(c.judged.value or 0.0)


@pytest.mark.slow
def test_no_article_is_treated_more_kindly(atlas: None) -> None:
    """Every trend of five articles, one of which argues the opposite thesis, and the same turned round: supported and
    contradicted change places, the others stay. A denied trend is the turned one as far as the data decide."""
    events, decided = load("atlas"), set[str]()
    demo = Path(package.__file__).parent / "study" / "demo.md"
    for path in (*(ARTICLES / x for x in ("opposite.txt", "brief.md", "wire.html", "comment.txt")), demo):
        read = package.read(path)
        trends = tuple(c for c in read.claims if c.kind == "trend" and c.direction and not c.negated)
        if not trends:
            continue
        turned = tuple(replace(c, direction={"up": "down", "down": "up"}[str(c.direction)]) for c in trends)
        refused = tuple(replace(c, negated=True) for c in trends)
        of_all = (check_reading(replace(read, claims=x), events, cache=False) for x in (trends, turned, refused))
        found, other, no = of_all
        _mirrored(found, other)
        for c, d in zip(found.claims, no.claims, strict=True):
            verdict = c.judged.verdict
            assert d.judged.verdict == {**TURNED, "no effect above": "supported"}.get(verdict, verdict)
        decided |= {c.judged.verdict for c in found.claims}
    assert {"supported", "contradicted"} & decided


@pytest.mark.slow
def test_nothing_to_do_with_is_supported_by_no_effect_above_alone(atlas: None) -> None:
    claim = of("cause", ("RUS", "PRK"), driver=("USA",))
    asserted, denied = asked(load("atlas"), claim, replace(claim, id="c2", negated=True), written="2023-09-18").claims
    expected = {"no effect above": "supported", "consistent with": "contradicted", "contradicted": "mixed"}
    assert denied.judged.verdict == expected.get(asserted.judged.verdict, asserted.judged.verdict)


def test_of_several_readings_of_a_time_one_that_the_data_cover_is_taken(data: EventData) -> None:
    claim = of("trend", ("RUS", "CHN"), since="2008-08-01", alternatives=(("2019-01-01", None),))
    found = one(data, claim)
    assert found.judged.verdict == "supported"
    assert "--at 2019-01-01" in found.query
    assert any("several readings" in x and "2019-01-01" in x for x in found.judged.limits)
    plain = one(data, of("trend", ("RUS", "CHN"), since="2019-01-01"))
    assert any("divided at 2019-01-01" in x for x in plain.judged.limits)
    assert not any("several readings" in x for x in plain.judged.limits)


def test_a_trend_whose_text_names_no_day_says_where_it_was_divided(data: EventData) -> None:
    found = one(data, of("trend", ("USA", "RUS"), polarity="hostility"))
    assert any(x.startswith("The text names no day: before and after are divided at") for x in found.judged.limits)
    assert any("Who acted on whom is not in these data" in x for x in found.judged.limits)

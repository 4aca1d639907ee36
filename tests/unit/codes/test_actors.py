"""Names, numbers and dates of actors, worked by hand."""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tertius.codes import (
    Actor,
    actor_name,
    all_actors,
    find_actors,
    icews_actor,
    known_code,
    name_to_code,
    resolve_actor,
)
from tertius.codes import actors as module
from tertius.errors import UnknownActor, UsageError

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "date", "code"),
    [
        ("PRK", None, "PRK"),
        ("prk", None, "PRK"),
        ("North Korea", None, "PRK"),
        ("DPRK", None, "PRK"),
        ("D.P.R.K.", None, "PRK"),
        ("Korea, Democratic People's Republic Of", None, "PRK"),
        ("Korea, Dem. People’s Rep.", None, "PRK"),
        ("Korea (North)", None, "PRK"),
        ("North Koreans", None, "PRK"),
        ("Pyongyang", None, "PRK"),
        ("731", None, "PRK"),
        ("Korea, Republic of", None, "KOR"),
        ("  south   korea ", None, "KOR"),
        ("cow:732", None, "KOR"),
        ("Korea", "1900-01-01", "COW:730"),
        ("COW:730", None, "COW:730"),
        # Russia and the Soviet Union
        ("Russia", None, "RUS"),
        ("Russia", "1970-01-01", "SUN"),
        ("Russia", "1991-12-25", "SUN"),
        ("Russia", "1991-12-26", "RUS"),
        ("Russia", "1900-01-01", "RUS"),
        ("RUS", "1970-01-01", "RUS"),
        ("Moscow", "1970-01-01", "SUN"),
        ("Russians", "1970-01-01", "SUN"),
        ("COW:365", None, "RUS"),
        ("COW 365", "1970-01-01", "SUN"),
        ("365", "1970-01-01", "SUN"),
        ("GW:365", "2000-01-01", "RUS"),
        ("USSR", "2020-01-01", "SUN"),
        ("COW:365", "1922-12-29", "RUS"),
        ("COW:365", "1922-12-30", "SUN"),
        ("COW:365", "1991-12-25", "SUN"),
        ("COW:365", "1991-12-26", "RUS"),
        ("Soviet", "2020-01-01", "SUN"),
        ("Moscow", None, "RUS"),
        ("Russian", "2022-02-24", "RUS"),
        # Yugoslavia and Serbia
        ("Yugoslavia", "1980-01-01", "YUG"),
        ("345", "1900-01-01", "SRB"),
        ("345", "1980-01-01", "YUG"),
        ("345", "2004-01-01", "SCG"),
        ("345", "2010-01-01", "SRB"),
        ("345", None, "SRB"),
        ("COW:345", "2003-02-03", "YUG"),
        ("COW:345", "2003-02-04", "SCG"),
        ("COW:345", "2006-06-04", "SCG"),
        ("COW:345", "2006-06-05", "SRB"),
        ("GW:340", "2010-01-01", "SRB"),
        ("COW:341", "2010-01-01", "MNE"),
        ("COW:347", None, "XKX"),
        ("GW:345", "1980-01-01", "YUG"),
        ("GW:340", None, "SRB"),
        ("Serbia", "2004-01-01", "SRB"),
        ("Serbia and Montenegro", "2004-01-01", "SCG"),
        ("Belgrade", "1999-04-01", "YUG"),
        # Germany
        ("Germany", "1980-01-01", "DEU"),
        ("West Germany", "1980-01-01", "DEU"),
        ("East Germany", "1980-01-01", "DDR"),
        ("265", None, "DDR"),
        ("255", None, "DEU"),
        ("260", "1970-01-01", "DEU"),
        ("GW 260", None, "DEU"),
        ("255", "1930-01-01", "DEU"),
        ("255", "2000-01-01", "DEU"),
        ("COW:265", "1990-10-02", "DDR"),
        ("COW:265", "2000-01-01", "DDR"),
        ("FRG", "1970-01-01", "DEU"),
        ("GDR", "1970-01-01", "DDR"),
        ("Bonn", "1970-01-01", "DEU"),
        ("East Berlin", "1970-01-01", "DDR"),
        # Korea and China by date
        ("731", "1950-06-25", "PRK"),
        ("732", "1950-06-25", "KOR"),
        ("730", "1900-01-01", "COW:730"),
        ("730", "1950-06-25", "COW:730"),
        ("Seoul", "1900-01-01", "COW:730"),
        ("Seoul", "1950-06-25", "KOR"),
        ("South Koreans", "2020-01-01", "KOR"),
        ("710", "1930-01-01", "CHN"),
        ("710", "1971-10-25", "CHN"),
        ("713", "1949-12-08", "TWN"),
        ("GW:713", "1971-10-25", "TWN"),
        ("Taipei", "1971-10-25", "TWN"),
        ("Taiwanese", None, "TWN"),
        ("Peking", "1971-10-25", "CHN"),
        ("Beijing", None, "CHN"),
        ("Chinese", "1971-10-25", "CHN"),
        # Vietnam, Yemen, Austria, Czechoslovakia, and states that others left
        ("816", "1965-01-01", "VNM"),
        ("817", "1965-01-01", "COW:817"),
        ("816", "1980-01-01", "VNM"),
        ("817", "1975-04-30", "COW:817"),
        ("817", "1990-01-01", "COW:817"),
        ("GW:816", "1965-01-01", "VNM"),
        ("GW:817", "1965-01-01", "COW:817"),
        ("RVN", "1965-01-01", "COW:817"),
        ("Saigon", "1965-01-01", "COW:817"),
        ("Hanoi", "1965-01-01", "VNM"),
        ("South Vietnamese", "1965-01-01", "COW:817"),
        ("Viet Nam", None, "VNM"),
        ("Republic of Vietnam", "1965-01-01", "COW:817"),
        ("678", "1980-01-01", "COW:678"),
        ("679", None, "YEM"),
        ("GW:678", None, "YEM"),
        ("GW:678", "1980-01-01", "COW:678"),
        ("Yemen", "1980-01-01", "COW:678"),
        ("South Yemen", "1980-01-01", "YMD"),
        ("COW:678", "1990-05-21", "COW:678"),
        ("COW:679", "1990-05-22", "YEM"),
        ("COW:680", "1980-01-01", "YMD"),
        ("GW:678", "1990-05-21", "COW:678"),
        ("GW:678", "1990-05-22", "YEM"),
        ("GW:680", "1980-01-01", "YMD"),
        ("YAR", "1980-01-01", "COW:678"),
        ("Aden", "1980-01-01", "YMD"),
        ("530", "1970-01-01", "ETH"),
        ("530", "2000-01-01", "ETH"),
        ("531", "2000-01-01", "ERI"),
        ("GW:531", None, "ERI"),
        ("Asmara", None, "ERI"),
        ("625", "2000-01-01", "SDN"),
        ("625", "2015-01-01", "SDN"),
        ("626", "2015-01-01", "SSD"),
        ("Sudan", "2015-01-01", "SDN"),
        ("South Sudanese", "2015-01-01", "SSD"),
        ("Juba", "2015-01-01", "SSD"),
        ("315", "1992-12-31", "CSK"),
        ("316", "1993-01-01", "CZE"),
        ("317", "1993-01-01", "SVK"),
        ("Czechoslovak", "1968-08-20", "CSK"),
        ("Prague", "1992-12-31", "CSK"),
        ("Prague", "1993-01-01", "CZE"),
        ("Bratislava", None, "SVK"),
        ("710", None, "CHN"),
        ("China", "1960-01-01", "CHN"),
        ("713", None, "TWN"),
        ("Republic of China", None, "TWN"),
        ("Republic of China", "1930-01-01", "CHN"),
        ("Republic of China", "1948-01-01", "CHN"),
        ("Republic of China", "1949-12-07", "CHN"),
        ("Republic of China", "1949-12-08", "TWN"),
        ("Republic of China", "1971-10-25", "TWN"),
        ("ROC", None, "TWN"),
        ("ROC", "1930-01-01", "CHN"),
        ("ROC", "1949-12-07", "CHN"),
        ("ROC", "1949-12-08", "TWN"),
        ("Nationalist China", None, "TWN"),
        ("Nationalist China", "1937-07-07", "CHN"),
        ("Nationalist China", "1949-12-08", "TWN"),
        ("Taiwan", "1930-01-01", "TWN"),
        ("People's Republic of China", "1930-01-01", "CHN"),
        # peoples of parts, parts, cities and seats of power
        ("England", None, "GBR"),
        ("Scotland", None, "GBR"),
        ("Wales", "1950-01-01", "GBR"),
        ("Northern Ireland", None, "GBR"),
        ("English", None, "GBR"),
        ("Welshman", None, "GBR"),
        ("Downing Street", None, "GBR"),
        ("the Kremlin", None, "RUS"),
        ("Kremlin", "1970-01-01", "SUN"),
        ("Leningrad", "1970-01-01", "SUN"),
        ("White House", None, "USA"),
        ("Pentagon", None, "USA"),
        ("Elysee Palace", None, "FRA"),
        ("Quai d’Orsay", None, "FRA"),
        ("Istanbul", None, "TUR"),
        ("Tel Aviv", None, "ISR"),
        ("Bombay", None, "IND"),
        ("Shanghai", None, "CHN"),
        ("Busan", None, "KOR"),
        ("Kharkov", None, "UKR"),
        ("Gaza", None, "PSE"),
        ("300", "1900-01-01", "COW:300"),
        ("Austria", "1900-01-01", "COW:300"),
        ("Austria", "1930-01-01", "AUT"),
        ("Prague", "1980-01-01", "CSK"),
        ("Prague", None, "CZE"),
        # spelling
        ("Cote d'Ivoire", None, "CIV"),
        ("CÔTE D’IVOIRE", None, "CIV"),
        ("Turkiye", None, "TUR"),
        ("St. Kitts & Nevis", None, "KNA"),
        ("Micronesia (Federated States of)", None, "FSM"),
        ("Egypt, Arab Rep.", None, "EGY"),
        ("Congo, Dem. Rep.", None, "COD"),
        ("Congo", None, "COG"),
        ("Burma", None, "MMR"),
        ("Swaziland", None, "SWZ"),
        ("Czech Republic", None, "CZE"),
        ("Occupied Palestinian Territory", None, "PSE"),
        ("U.S.", None, "USA"),
        ("NATO", None, "NATO"),
        ("UNO", None, "UN"),
    ],
)
def test_who_is_meant(text: str, date: str | None, code: str) -> None:
    assert resolve_actor(text, date).code == code


def test_a_date_may_be_a_date_or_a_time_stamp() -> None:
    assert resolve_actor("Russia", dt.date(1970, 1, 1)).code == "SUN"
    assert resolve_actor("Russia", dt.datetime(1970, 1, 1, 12)).code == "SUN"


@pytest.mark.parametrize(
    ("text", "date", "message"),
    [
        ("Nth Korea", None, "'Nth Korea'. Did you mean PRK (North Korea)? All names: tertius codes"),
        ("Wakanda, Kingdom of", None, "'Wakanda, Kingdom of'. All names: tertius codes"),
        ("", None, "''. All names: tertius codes"),
        ("COW:999", None, "'COW:999'. No state has this number. All names: tertius codes"),
        (
            "Congolese",
            None,
            "'Congolese' may mean several actors. Write COD (DR Congo) or COG (Congo). All names: tertius codes",
        ),
        (
            "Korean",
            "2018-06-12",
            "'Korean' may mean several actors on 2018-06-12. Write KOR (South Korea) or PRK (North Korea). "
            "All names: tertius codes",
        ),
        (
            "Vietnamese",
            "1965-01-01",
            "'Vietnamese' may mean several actors on 1965-01-01. Write VNM (Vietnam) or COW:817 (South Vietnam). "
            "All names: tertius codes",
        ),
    ],
)
def test_errors_say_what_to_write(text: str, date: str | None, message: str) -> None:
    with pytest.raises(UnknownActor) as caught:
        resolve_actor(text, date)
    assert str(caught.value) == message
    assert caught.value.hint.endswith("All names: tertius codes")


def test_an_impossible_date_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="'1970-13-01' is not a date"):
        resolve_actor("Russia", "1970-13-01")


def test_known_codes_are_exact() -> None:
    assert all(map(known_code, ("RUS", "SUN", "XKX", "COW:300", "GW:711", "NATO")))
    assert not any(map(known_code, ("rus", "Russia", "365", "ROM", "")))


def test_a_label_that_is_no_code_is_its_own_name() -> None:
    assert (actor_name("SUN"), actor_name("Rebels")) == ("Soviet Union", "Rebels")


def test_importers_get_names_only() -> None:
    assert name_to_code("Russia") == "RUS"
    assert name_to_code("Yugoslavia") == "YUG"
    assert name_to_code("Korea, Rep.") == "KOR"
    assert name_to_code("Republic of China") == "TWN"
    others = ("Korea", "Korean", "Seoul", "KOR", "732", "", "England", "Kremlin", "Shanghai")
    assert [name_to_code(word) for word in others] == [None] * len(others)


def test_icews_names_end_in_their_country() -> None:
    assert icews_actor("Russia") == "RUS"
    assert icews_actor("Police (Afghanistan)") == "AFG"
    assert icews_actor("Citizen (Palestinian Territory, Occupied)") == "PSE"
    assert icews_actor("Falkland Islands (Malvinas)") == "FLK"
    assert icews_actor("Democratic Republic of Congo") == "COD"
    assert icews_actor("Police (Tibet)") is None
    assert icews_actor("Boko Haram") is None
    assert icews_actor("Afghanistan Police") is None


def test_find_lists_exact_matches_first() -> None:
    assert find_actors("Niger")[0].code == "NER"
    assert {a.code for a in find_actors("Niger")} == {"NER", "NGA"}
    assert {a.code for a in find_actors("Korea")} >= {"PRK", "KOR", "COW:730"}
    assert [a.code for a in find_actors("365")] == ["RUS", "SUN"]
    assert find_actors("Wakanda") == []
    assert find_actors("hamas") == []  # no word begins with it: not the Bahamas
    assert [a.code for a in find_actors("North Kor")] == ["PRK"]


def test_find_shows_a_short_text_or_a_number_alone_where_it_is_exact() -> None:
    assert [a.code for a in find_actors("UK")] == ["GBR"]
    assert [a.code for a in find_actors("us")] == ["USA"]
    assert [a.code for a in find_actors("G7")] == ["G7"]
    assert find_actors("10") == find_actors("1910") == []
    assert [a.code for a in find_actors("GW 340")] == ["SRB"]
    assert {a.code for a in find_actors("wes")} >= {"ESH", "WSM"}
    assert [a.code for a in find_actors("China", exact=True)] == ["CHN"]
    assert "TWN" in {a.code for a in find_actors("China")}


def test_find_goes_by_date() -> None:
    assert [a.code for a in find_actors("Russia", "1970-01-01")] == ["SUN"]
    assert [a.code for a in find_actors("RUS", "1970-01-01")] == ["RUS"]
    assert [a.code for a in find_actors("ROC", "1949-12-07")] == ["CHN"]
    assert find_actors("ROC") == [all_actors()["CHN"], all_actors()["TWN"]]
    assert {a.code for a in find_actors("Yugoslavi", "1970-01-01")} == {"YUG"}
    assert find_actors("Yugoslavi", "2020-01-01") == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Chnia", "CHN (China)"),
        ("NthKorea", "PRK (North Korea)"),
        ("Rusia", "RUS (Russia)"),
        ("Untied States", "USA (United States)"),
        ("Germny", "DEU (Germany)"),
        ("Scotlnad", "GBR (United Kingdom)"),
        *((text, None) for text in ("weis", "Hamas", "Kurdistan", "Narnia", "Atlantis", "Taliban", "Crimea", "Houthi")),
        *((text, None) for text in ("uno dos", "xyz", "UKK", "?!")),
    ],
)
def test_a_hint_is_given_for_a_slip_and_not_for_another_word(text: str, hint: str | None) -> None:
    with pytest.raises(UnknownActor) as caught:
        resolve_actor(text)
    assert ("Did you mean" in caught.value.hint) == (hint is not None)
    assert hint is None or f"Did you mean {hint}?" in caught.value.hint
    assert find_actors("") == list(all_actors().values())


# ---- the table -----------------------------------------------------------------------------------------------------


def test_codes_are_unique_and_well_formed() -> None:
    path = Path(module.__file__).with_name("actors.csv")
    codes = [row["code"] for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    assert len(codes) == len(set(codes)) == len(all_actors())
    assert {a.kind for a in all_actors().values()} == set(module.KINDS)
    for actor in all_actors().values():
        assert re.fullmatch(r"[A-Z]{3}|(COW|GW):\d{1,3}" if actor.kind != "organisation" else r"[A-Z0-9]+", actor.code)
        assert actor.name
        assert actor.from_date is None or actor.to_date is None or actor.from_date < actor.to_date
        assert actor.kind != "historic" or actor.to_date is not None
        assert actor.kind != "state" or actor.to_date is None
        for words in (actor.aliases, actor.demonyms, actor.capitals, actor.places):
            assert all(w == w.strip() != "" for w in words)
            assert len(words) == len(set(words)), actor.code


def test_a_number_in_a_code_is_its_number() -> None:
    for actor in all_actors().values():
        if actor.code.startswith("COW:"):
            assert actor.cow == (int(actor.code[4:]),)
        elif actor.code.startswith("GW:"):
            assert actor.gw == (int(actor.code[3:]),)
            assert not actor.cow


def _turning_days(bearers: tuple[Actor, ...]) -> Iterator[dt.date | None]:
    yield None
    yield dt.date(1816, 1, 1)
    for day in (d for a in bearers for d in (a.from_date, a.to_date) if d is not None):
        yield from (day + dt.timedelta(days=shift) for shift in (-1, 0, 1))


@pytest.mark.parametrize("list_name", ["names", "capitals", "places", "cow", "gw"])
def test_nothing_but_a_shared_word_means_two_actors_on_one_day(list_name: str) -> None:
    bearers_of: Mapping[str | int, tuple[Actor, ...]] = getattr(module._index(), list_name)
    several = {key: bearers for key, bearers in bearers_of.items() if len(bearers) > 1}
    assert several
    for key, bearers in several.items():
        for day in _turning_days(bearers):
            assert len(module._on(bearers, day)) == 1, (key, day)


def test_shared_words_are_these_and_no_others() -> None:
    ambiguous = {
        word
        for word, bearers in module._index().shared_words.items()
        if any(len(module._on(bearers, day)) > 1 for day in _turning_days(bearers)) and not word.endswith("s")
    }
    assert ambiguous == {"congolese", "dominican", "korea", "korean", "vietnamese", "virgin islander", "yemeni"}


def test_no_word_is_the_code_of_another_actor() -> None:
    index = module._index()
    for words in (index.names, index.shared_words, index.capitals, index.places):
        for word, bearers in words.items():
            actor = all_actors().get(word.upper())
            assert actor is None or bearers == (actor,), word


def test_no_place_is_a_name_or_a_capital_of_anyone() -> None:
    index = module._index()
    known = {*index.names, *index.shared_words, *index.capitals}
    assert sorted(known & set(index.places)) == []


def test_importing_reads_no_table() -> None:
    program = (
        "import sys, tertius.codes as c; "
        "assert c.all_actors.cache_info().currsize == 0; "
        "heavy = {'duckdb', 'pyarrow', 'pandas', 'numpy'} & set(sys.modules); assert not heavy, heavy"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-S", "-c", program], check=True, env=environment)


# ---- other people's tables -----------------------------------------------------------------------------------------


@pytest.fixture
def shared_data(shared: Path) -> Path:
    return shared / "data"


@pytest.mark.shared
def test_everything_in_the_shared_tables_resolves_or_is_explained(shared_data: Path) -> None:
    script = REPOSITORY / "scripts" / "check_codes.py"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, str(script), "--shared", str(shared_data.parent)],
        check=False, capture_output=True, text=True, env=environment, encoding="utf-8",
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "iso3c: resolved 249 of 249; 0 to another code" in run.stdout


@pytest.mark.shared
@pytest.mark.parametrize(
    ("prefix", "file", "number", "first_day"),
    [
        ("COW", "cow_states", "ccode", "make_date(styear, stmonth, stday)"),
        ("GW", "gw_states", "gwcode", "cast(startdate as date)"),
    ],
)
def test_members_of_the_state_systems_exist_when_they_enter(
    shared_data: Path, prefix: str, file: str, number: str, first_day: str
) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = shared_data / "states" / f"{file}.parquet"
    spells = duckdb.execute(f"select {number}, {first_day} from '{path}'").fetchall()
    assert len(spells) > 200
    late = {}
    for state, day in spells:
        actor = resolve_actor(f"{prefix}:{state}", day)
        if actor.days_away(day):
            late[actor.code] = actor.days_away(day)
    # the republic was founded on 7 October 1949, the Sand River Convention signed on 17 January 1852
    assert late == ({} if prefix == "COW" else {"DDR": 2, "GW:563": 16})

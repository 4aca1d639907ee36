"""Gaps of a source's calendar: within an import, between imports, and filled by a later one; sums over imports."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from event_files import gdelt_line, write

from tertius.errors import CorruptFile
from tertius.events.calendar import DENSE, STEPS, Calendar
from tertius.events.store import open_store
from tertius.events.totals import FIRST_FILES, Totals
from tertius.sources.importing import import_files
from tertius.sources.loading import load
from tertius.study.behind import audit
from tertius.study.folder import data_behind


def slow_unobserved(step: str, times: list[datetime], rows: list[int]) -> list[date]:
    """Day by day, time by time: which days must be holes."""
    thin = sum(n < DENSE for n in rows)
    if len(times) < 2 or thin > len(times) // 10:
        return []
    found, day = [], times[0].date()
    while day <= times[-1].date():
        t = datetime.combine(day, datetime.min.time())
        asked = seen = 0
        while t.date() == day:
            if times[0] <= t <= times[-1]:
                asked, seen = asked + 1, seen + (t in set(times))
            t += STEPS[step]
        if 2 * seen < asked:
            found.append(day)
        day += timedelta(days=1)
    return found


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("seed", range(4))
def test_unobserved_days_are_those_found_time_by_time(step: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    start = datetime(1969, 12, 30) if step == "1d" else datetime(2020, 2, 28, 5, 15)
    every = [start + k * STEPS[step] for k in range(300)]
    seen = np.repeat(rng.random(30) < 0.5, 10)
    times = [t for t, there in zip(every, seen, strict=True) if there]
    rows = [900] * len(times)
    whole = Calendar.of(step, times, rows)
    assert list(whole.unobserved) == slow_unobserved(step, times, rows)
    assert (whole.seen, whole.expected) == (len(times), (times[-1] - times[0]) // STEPS[step] + 1)
    some = rng.random(len(times)) < 0.5  # two imports, in any order, are one
    parts = [[t for t, here in zip(times, some, strict=True) if here == which] for which in (True, False)]
    one, other = (Calendar.of(step, part, [900] * len(part)) for part in parts)
    assert one.after(other) == other.after(one) == whole
    assert Calendar.read(json.loads(json.dumps(whole.kept()))) == whole


def test_a_source_of_few_rows_has_gaps_but_no_unobserved_days() -> None:
    times = [datetime(2020, 1, 1) + timedelta(days=2 * k) for k in range(20)]
    thin = Calendar.of("1d", times, [DENSE] * 17 + [1] * 3)
    assert (len(thin.gaps), thin.unobserved) == (19, ())
    assert len(Calendar.of("1d", times, [DENSE] * 18 + [1] * 2).unobserved) == 19


@pytest.mark.parametrize(
    "stretches", [None, [[1]], [[1, 2, 3]], [["a", 2]], [[2, 1]], [[1, 2], [3, 4]], [[5, 6], [1, 2]], [[1, 10**30]]]
)
def test_a_calendar_that_is_none_is_refused(stretches: Any) -> None:
    with pytest.raises(ValueError, match=r"stretch|calendar|list"):
        Calendar.read({"step": "1d", "thin": 0, "stretches": stretches})


def day_file(folder: Path, day: int, version: int = 1, stamps: int = 1) -> Path:
    """GDELT's file of a day in June 2020: 25 events, of version 2 at each of its first quarters of an hour."""
    lines = []
    for n in range(25 * stamps):
        quarter = n // 25
        recorded = f"202006{day:02d}" + (f"{quarter // 4:02d}{quarter % 4 * 15:02d}00" if version == 2 else "")
        own = {"GLOBALEVENTID": f"{day}{n:04d}", "SQLDATE": f"202006{day:02d}", "ActionGeo_FeatureID": str(n)}
        lines.append(gdelt_line(version, **own, DATEADDED=recorded, EventCode="042"))
    return write(folder / f"202006{day:02d}-{stamps}.export.CSV", lines)


def missing(store: Path, snapshot: str | None = None) -> list[str]:
    return [str(day) for day in open_store(store, snapshot).missing]


def test_a_gap_between_imports_is_missing_until_it_is_filled(tmp_path: Path) -> None:
    store = tmp_path / "S"
    for day in (1, 2):
        import_files("gdelt1", [day_file(tmp_path, day)], store)
    assert missing(store) == []
    found = import_files("gdelt1", [day_file(tmp_path, 6)], store)
    assert list(found.missing) == missing(store) == ["2020-06-03", "2020-06-04", "2020-06-05"]
    assert any("3 days between these files" in text for text in found.warnings)
    (calendar,) = audit(store)["coverage"]["calendars"]
    assert (calendar["source"], calendar["from"], calendar["to"]) == ("gdelt1", "2020-06-01", "2020-06-06")
    assert (calendar["expected"], calendar["seen"]) == (6, 3)
    assert calendar["gaps"] == [["2020-06-03", "2020-06-05"]]

    filled = import_files("gdelt1", [day_file(tmp_path, 4)], store)
    assert (filled.missing, filled.observed) == ((), ("2020-06-04",))
    assert any("2020-06-04, has rows now" in text for text in filled.warnings)
    assert missing(store) == ["2020-06-03", "2020-06-05"]
    assert audit(store)["coverage"]["calendars"][0]["gaps"] == [["2020-06-03", "2020-06-03"], ["2020-06-05"] * 2]

    # an older state has the days that it had missing, and its own gaps
    assert missing(store, found.snapshot) == ["2020-06-03", "2020-06-04", "2020-06-05"]
    assert audit(f"{store}@{found.snapshot}")["coverage"]["calendars"] == [calendar]
    old = open_store(store, found.snapshot)
    assert (old.totals.files, open_store(store).totals.files) == (3, 4)


def test_half_a_day_of_quarters_does_not_fill_it_and_the_rest_does(tmp_path: Path) -> None:
    store = tmp_path / "S"
    import_files("gdelt2", [day_file(tmp_path, day, 2, 96) for day in (1, 3)], store)
    assert missing(store) == ["2020-06-02"]
    import_files("gdelt2", [day_file(tmp_path, 2, 2, 40)], store)  # its rows alone do not make it observed
    assert missing(store) == ["2020-06-02"]
    more = day_file(tmp_path, 2, 2, 60).read_text().splitlines()[25 * 40 :]
    found = import_files("gdelt2", [write(tmp_path / "more.CSV", more)], store)
    assert (found.observed, missing(store)) == (("2020-06-02",), [])


def test_a_day_listed_by_hand_is_observed_once_rows_come(tmp_path: Path, csv_file: Any) -> None:
    store, head = tmp_path / "S", "date,source,target,quad"
    listed = csv_file("missing.csv", "date", "2020-01-02", "2020-01-03")
    import_files("events", [csv_file("a.csv", head, "2020-01-01,RUS,PRK,1")], store, missing=listed)
    assert missing(store) == ["2020-01-02", "2020-01-03"]
    found = import_files("events", [csv_file("b.csv", head, "2020-01-03,RUS,PRK,1")], store)
    assert (found.observed, missing(store)) == (("2020-01-03",), ["2020-01-02"])
    assert load(store).missing == (date(2020, 1, 2),)


def test_what_reports_say_of_the_data_needs_no_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "S"
    for day in range(1, 8):
        import_files("gdelt1", [day_file(tmp_path, day)], store)
    opened = open_store(store)
    assert opened.totals == Totals.of(opened.audits)
    assert (opened.totals.files, len(opened.totals.first_files)) == (7, FIRST_FILES)
    behind = data_behind(load(store))
    assert behind.audit.startswith("175 rows read in 7 files: 175 events kept")
    assert [text for text, _ in behind.works][-1] == "And 2 more files."

    def never(*_: Any) -> None:
        raise AssertionError("the journal was parsed")

    monkeypatch.setattr("tertius.events.journal._entries", never)
    assert data_behind(load(store)) == behind
    assert load(store).describe()["events"] == 175


def test_a_manifest_whose_calendar_is_none_is_corrupt(tmp_path: Path) -> None:
    from tertius.events.manifest import sealed

    import_files("gdelt1", [day_file(tmp_path, 1)], tmp_path / "S")
    path = tmp_path / "S" / "manifest.json"
    whole = json.loads(path.read_text())
    for calendars in ({"gdelt1": 1}, {"gdelt1": {"step": "1y", "stretches": [], "thin": 0}}, []):
        path.write_text(json.dumps(sealed(whole | {"calendars": calendars})))
        with pytest.raises(CorruptFile, match=r"calendar"):
            open_store(tmp_path / "S")

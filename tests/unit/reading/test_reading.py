"""What a reader gives back, as JSON."""

from __future__ import annotations

import json

from tertius.reading.reading import DateInterval, Document, Event, Link, Metadata, ReaderName, Reading


def test_a_reading_is_its_json_with_the_dates_of_an_event_beside_its_other_keys() -> None:
    event = Event(("RUS",), ("PRK",), "CONSULT", 1, "Russia met North Korea.", (0, 23), DateInterval("2023-09-13"))
    read = Reading(
        Document("Russia met North Korea.", Metadata(title="A summit", links=(Link("met", "https://example.org"),))),
        (event,),
        ReaderName("shallow"),
    )
    d = json.loads(json.dumps(read.to_dict()))
    assert d["events"][0]["date_from"] == "2023-09-13"
    assert d["events"][0]["date_to"] is None
    assert d["events"][0]["span"] == [0, 23]
    assert "dates" not in d["events"][0]
    assert d["metadata"]["links"] == [{"anchor": "met", "address": "https://example.org"}]
    assert d["claims"] == []
    assert d["reader"] == {"name": "shallow", "model": None, "version": None}

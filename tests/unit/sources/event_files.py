"""Small files of our own in the forms of the origins: nothing in them is anybody's data."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tertius.sources.gdelt import GDELT1, GDELT2, MENTIONS

Values = Mapping[str, str]


def gdelt_line(version: int, columns: int = 0, **values: str) -> str:
    """A line of GDELT: USA consults CHN on 2020-06-01, recorded that noon, unless ``values`` say otherwise."""
    headers = GDELT1.headers if version == 1 else GDELT2.headers
    columns = columns or (58 if version == 1 else 61)
    made = {
        "GLOBALEVENTID": "1", "SQLDATE": "20200601", "Actor1Code": "USA", "Actor2Code": "CHN", "IsRootEvent": "1",
        "EventCode": "040", "QuadClass": "1", "GoldsteinScale": "1.0", "NumMentions": "4", "NumSources": "1",
        "DATEADDED": "20200601" if version == 1 else "20200601120000", "SOURCEURL": "https://example.org/a",
    } | values  # fmt: skip
    return "\t".join(made.get(name, "") for name in headers[columns][:columns])


def mention_line(event: str, source: str) -> str:
    made = {"GLOBALEVENTID": event, "EventTimeDate": "20200601120000", "MentionTimeDate": "20200601121500",
            "MentionSourceName": source}  # fmt: skip
    return "\t".join(made.get(name, "") for name in MENTIONS)


ICEWS_HEADER = "\t".join(
    (
        *("Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text", "CAMEO Code"),
        *("Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID", "Sentence Number", "Publisher"),
        *("City", "District", "Province", "Country", "Latitude", "Longitude"),
    )
)


def icews_line(without: str = "", **values: str) -> str:
    made = {"Event ID": "1", "Event Date": "2018-06-01", "Source Country": "Japan", "Event Text": "Consult",
            "CAMEO Code": "040", "Intensity": "1", "Target Country": "Vietnam", "Story ID": "9"} | values  # fmt: skip
    return "\t".join(made.get(name, "NA") for name in ICEWS_HEADER.split("\t") if name != without)


def write(path: Path, lines: Sequence[str], encoding: str = "utf-8") -> Path:
    """Lines as a file; into an archive where its name ends in .zip."""
    raw = ("\n".join(lines) + "\n").encode(encoding)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr(path.stem, raw)
    else:
        path.write_bytes(raw)
    return path

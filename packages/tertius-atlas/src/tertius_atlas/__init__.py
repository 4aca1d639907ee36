"""The atlas: cooperation and hostility of 199 states by month, 2018-01 to 2023-06, computed from GDELT.

``data()`` says where the figures are and what must be known of them, in plain values: this package needs nothing. See
its README for source, method and flaws.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

__version__ = "0.1.0"

HERE = Path(__file__).parent
NOTE = (
    "The atlas is machine-coded news (GDELT), summed by the month: what was reported, not what happened. What two "
    "states did for and against each other on one day has cancelled out; who acted towards whom is not in it."
)
CITED = (
    (
        "Leetaru, K. and Schrodt, P. A. (2013). GDELT: Global Data on Events, Language, and Tone, 1979-2012. "
        "International Studies Association Annual Convention. https://www.gdeltproject.org",
        "",
    ),
    ("gzemo/gdelt-graph-data: daily matrices of GDELT 2.0, GPL-3. https://github.com/gzemo/gdelt-graph-data", ""),
    ("tertius-atlas 0.1.0: sums of these by month (scripts/build_atlas.py of tertius), GPL-3.", ""),
)


def data() -> dict[str, Any]:
    """What the entry point group ``tertius.data`` asks for.

    >>> data()["grain"], len(data()["missing"])
    ('1mo', 96)
    """
    days = (HERE / "missing_days.csv").read_text("utf-8").split()[1:]
    return {
        "file": HERE / "atlas.parquet",
        "format": "sums",
        "grain": "1mo",
        "unit": 0.1,
        "missing": days,
        "note": NOTE,
        "cited": CITED,
    }

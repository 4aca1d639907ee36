"""Many pairs: their rises with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log

import altair as alt

from tertius.answers.overview import PairEntry, Pairs
from tertius.language import joined, say
from tertius.report.charts.parts import INTERVALS, finish, interval_row, intervals, placed
from tertius.report.document import Key
from tertius.report.words import NOUN

ROW = 25  # pixels


def rises(found: Pairs, drawn: Sequence[PairEntry]) -> alt.LayerChart:
    """The log rise of each pair with its 95 % interval and the zero line, in the order given."""
    rows = [interval_row(joined(e.pair, ", "), _log(e.rise.ratio), _log(e.rise.low), _log(e.rise.high)) for e in drawn]
    chart = intervals(rows, say("log of window over reference"), say("pair"))
    title = say("{noun} in the window against the reference", noun=NOUN[found.outcome].capitalize())
    key = [Key("line", "ink", say("zero: as much per observed day as in the reference"))]
    return finish(chart, title, INTERVALS, ROW * max(1, len(rows)), {"lines": placed(rows)}, key)


def _log(x: float) -> float:
    return log(x) if isfinite(x) and x > 0 else float("nan")

"""Charts of an answer (altair): one function, one chart, from the dataclasses alone.

Colours are Okabe and Ito's, and nothing hangs on colour alone: signs differ by direction, third parties by row,
intervals that exclude zero by a filled point. Every colour depends on the parameter ``dark`` of the specification, so
that one chart serves light and dark pages and paper. Times are UTC. A slice that was not observed is never drawn as
zero.

A title has lines for a wide and for a narrow chart, a subtitle is one line, and the legend
(:class:`~tertius.report.document.Key`) is in the specification's ``usermeta``: the page sets it as text below the
chart, where it wraps and can be read aloud.

Panels are stacked by giving each its own stretch of one y range, not by concatenation: only a single view can be as
wide as its container.
"""

from tertius.report.charts.certificate import chance, lead_lag_profile
from tertius.report.charts.ladder import around_episodes, rungs, specification_curve
from tertius.report.charts.model import CALIBRATION_WIDTH, calibration, coefficients, detectable
from tertius.report.charts.pair import pair_over_time
from tertius.report.charts.parts import Drawn, finish, interval_row, intervals, placed
from tertius.report.charts.third_parties import path, third_parties

__all__ = [
    "CALIBRATION_WIDTH",
    "Drawn",
    "around_episodes",
    "calibration",
    "chance",
    "coefficients",
    "detectable",
    "finish",
    "interval_row",
    "intervals",
    "lead_lag_profile",
    "pair_over_time",
    "path",
    "placed",
    "rungs",
    "specification_curve",
    "third_parties",
]

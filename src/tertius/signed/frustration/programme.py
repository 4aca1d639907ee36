"""A linear programme that grows row by row, in HiGHS (Huangfu & Hall 2018, doi:10.1007/s12532-017-0130-5).

Minimise c x over 0 <= x <= u subject to rows a x >= r. Rows are added with a warm start; values and duals are read off.
Nothing that it says is believed: bounds are computed from its duals in whole numbers (:mod:`certificate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from tertius.errors import NoConvergence
from tertius.events.slices import Floats, Ints

INFINITE = 1e30


@cache
def _quiet_class() -> Any:
    """A solver that prints nothing: HiGHS's banner comes with its callbacks, which are not needed here."""
    import highspy

    class Quiet(highspy.Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:
            """None."""

    return Quiet


def _quiet() -> Any:
    solver = _quiet_class()()
    for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("random_seed", 1)):
        solver.setOptionValue(option, value)
    return solver


class Programme:
    """The programme at hand.

    Parameters
    ----------
    cost : (V,) of the variables.
    upper : their upper bound, :data:`INFINITE` for none.
    """

    def __init__(self, cost: Floats, upper: float) -> None:
        self._solver = _quiet()
        n = len(cost)
        self.n = n
        self.upper = upper
        self._solver.addVars(n, np.zeros(n), np.full(n, upper))
        self._solver.changeColsCost(n, np.arange(n, dtype=np.int32), np.asarray(cost, dtype=np.float64))

    def add(self, rows: Sequence[tuple[Sequence[int], Sequence[float], float]]) -> None:
        """Add rows: variables, coefficients, right hand side."""
        if not rows:
            return
        starts = np.cumsum([0] + [len(r[0]) for r in rows[:-1]]).astype(np.int32)
        columns = np.fromiter((c for r in rows for c in r[0]), dtype=np.int32)
        values = np.fromiter((v for r in rows for v in r[1]), dtype=np.float64)
        low = np.array([r[2] for r in rows], dtype=np.float64)
        self._solver.addRows(len(rows), low, np.full(len(rows), INFINITE), len(columns), starts, columns, values)

    def drop(self, rows: Ints) -> None:
        """Delete rows by number; those after them move up."""
        if len(rows):
            self._solver.deleteRows(len(rows), np.asarray(rows, dtype=np.int32))

    def bound(self, variables: Ints, lower: Floats, upper: Floats) -> None:
        """Set the bounds of some variables."""
        if len(variables):
            self._solver.changeColsBounds(len(variables), np.asarray(variables, dtype=np.int32), lower, upper)

    def solve(self, seconds: float, rough: bool = False) -> bool:
        """Whether it was solved in time; False also where the bounds leave nothing feasible.

        ``rough`` : by a first-order method, whose duals are good to some digits; much faster on loose programmes.
        """
        import highspy

        self._solver.setOptionValue("solver", "pdlp" if rough else "simplex")

        # HiGHS counts its time over all runs
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + max(seconds, 0.01))
        self._solver.run()
        status = self._solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            raise NoConvergence("The linear programme is unbounded.", "This is a fault of tertius; please report it.")
        return bool(status == highspy.HighsModelStatus.kOptimal)

    @property
    def value(self) -> float:
        """Of the last solution."""
        return float(self._solver.getInfo().objective_function_value)

    def solution(self) -> tuple[Floats, Floats, Floats]:
        """(V,) values, (R,) rows' values and (R,) their duals, never below zero."""
        found = self._solver.getSolution()
        return (
            np.asarray(found.col_value, dtype=np.float64),
            np.asarray(found.row_value, dtype=np.float64),
            np.maximum(np.asarray(found.row_dual, dtype=np.float64), 0.0),
        )

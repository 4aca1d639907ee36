"""From data to answer, load -> slice -> fit -> answer: one file a question, on what ``fit`` and ``asking`` share.

The functions ``fit``, ``explain``, ``pairs``, ``balance`` and ``forecast`` have the names of their modules: in this
package the names mean the functions.
"""

from tertius.study.balance import balance
from tertius.study.behind import audit, events_between, snapshots
from tertius.study.check import check
from tertius.study.counsel import exchange, price, wedge, whatif
from tertius.study.demo import Demo, demo
from tertius.study.explain import ExplainOptions, explain
from tertius.study.fit import Fits, Study, fit
from tertius.study.forecast import backtest, changes, forecast
from tertius.study.movement import isolation, rank, ties, trend
from tertius.study.pairs import compare, pairs
from tertius.study.reading import read

__all__ = [
    "Demo",
    "ExplainOptions",
    "Fits",
    "Study",
    "audit",
    "backtest",
    "balance",
    "changes",
    "check",
    "compare",
    "demo",
    "events_between",
    "exchange",
    "explain",
    "fit",
    "forecast",
    "isolation",
    "pairs",
    "price",
    "rank",
    "read",
    "snapshots",
    "ties",
    "trend",
    "wedge",
    "whatif",
]

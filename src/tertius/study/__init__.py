"""From data to answer, load -> slice -> fit -> answer: one file a question, on what ``fit`` and ``asking`` share.

The functions ``fit``, ``explain``, ``pairs`` and ``balance`` have the names of their modules: in this package the names
mean the functions.
"""

from tertius.study.balance import balance
from tertius.study.behind import audit, events_between
from tertius.study.counsel import exchange, price, wedge, whatif
from tertius.study.explain import ExplainOptions, demo, explain
from tertius.study.fit import Fits, Study, fit
from tertius.study.movement import isolation, rank, trend
from tertius.study.pairs import compare, pairs

__all__ = [
    "ExplainOptions",
    "Fits",
    "Study",
    "audit",
    "balance",
    "compare",
    "demo",
    "events_between",
    "exchange",
    "explain",
    "fit",
    "isolation",
    "pairs",
    "price",
    "rank",
    "trend",
    "wedge",
    "whatif",
]

"""From data to answer, load -> slice -> fit -> answer: one file a question, on what ``fit`` and ``asking`` share.

The functions ``fit``, ``explain`` and ``pairs`` have the names of their modules: in this package the names mean the
functions.
"""

from tertius.study.behind import audit, events_between
from tertius.study.explain import ExplainOptions, demo, explain
from tertius.study.fit import Fits, Study, fit
from tertius.study.pairs import compare, pairs

__all__ = ["ExplainOptions", "Fits", "Study", "audit", "compare", "demo", "events_between", "explain", "fit", "pairs"]

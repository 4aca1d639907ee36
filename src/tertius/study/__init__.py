"""From data to answer, load -> slice -> fit -> answer: one file a question, on what ``fit`` and ``asking`` share.

The functions ``fit`` and ``explain`` have the names of their modules: in this package the names mean the functions.
"""

from tertius.study.behind import audit, events_between
from tertius.study.explain import ExplainOptions, demo, explain
from tertius.study.fit import Fits, Study, fit

__all__ = ["ExplainOptions", "Fits", "Study", "audit", "demo", "events_between", "explain", "fit"]

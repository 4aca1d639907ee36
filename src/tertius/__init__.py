"""tertius: who drives whom together.

    >>> import tertius
    >>> answer = tertius.explain("Russia", "North Korea", "chronicle")
    >>> answer.verdict
    'data too thin'

Importing this module is cheap; what a function needs is imported when it is first called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "Study",
    "TertiusError",
    "__version__",
    "backtest",
    "balance",
    "certify",
    "changes",
    "charts_of",
    "check",
    "document_of",
    "exchange",
    "explain",
    "fit",
    "forecast",
    "isolation",
    "load",
    "minimum_detectable",
    "price",
    "rank",
    "read",
    "resolve_actor",
    "simulate",
    "ties",
    "trend",
    "wedge",
    "whatif",
    "world",
    "write_report",
]

if TYPE_CHECKING:
    from tertius.answers.certificate.on_arrays import certify
    from tertius.detectable import minimum_detectable
    from tertius.errors import TertiusError
    from tertius.reading.actors import resolve_actor
    from tertius.report.pages import charts_of, document_of, write_report
    from tertius.simulation import simulate
    from tertius.sources.loading import load
    from tertius.study.balance import balance
    from tertius.study.check import check
    from tertius.study.counsel import exchange, price, wedge, whatif
    from tertius.study.explain import explain
    from tertius.study.fit import Study, fit
    from tertius.study.forecast import backtest, changes, forecast
    from tertius.study.movement import isolation, rank, ties, trend
    from tertius.study.reading import read
    from tertius.worlds import world

_HOMES = {
    "Study": "tertius.study",
    "TertiusError": "tertius.errors",
    "backtest": "tertius.study",
    "balance": "tertius.study",
    "certify": "tertius.answers.certificate.on_arrays",
    "changes": "tertius.study",
    "charts_of": "tertius.report.pages",
    "check": "tertius.study",
    "document_of": "tertius.report.pages",
    "exchange": "tertius.study",
    "explain": "tertius.study",
    "fit": "tertius.study",
    "forecast": "tertius.study",
    "isolation": "tertius.study",
    "load": "tertius.sources.loading",
    "minimum_detectable": "tertius.detectable",
    "price": "tertius.study",
    "rank": "tertius.study",
    "read": "tertius.study",
    "resolve_actor": "tertius.reading.actors",
    "simulate": "tertius.simulation",
    "ties": "tertius.study",
    "trend": "tertius.study",
    "wedge": "tertius.study",
    "whatif": "tertius.study",
    "world": "tertius.worlds",
    "write_report": "tertius.report.pages",
}


if not TYPE_CHECKING:  # else a type checker would take any name for one of ours

    def __getattr__(name: str) -> Any:
        if name in _HOMES:
            from importlib import import_module

            return getattr(import_module(_HOMES[name]), name)
        raise AttributeError(f"module 'tertius' has no attribute '{name}'{_near(name)}")


def _near(name: str) -> str:
    from tertius.errors import did_you_mean

    return f". {did_you_mean(name, __all__)}".rstrip(". ")


def __dir__() -> list[str]:
    return sorted(__all__)

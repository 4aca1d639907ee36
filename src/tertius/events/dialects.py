"""The SQL of :mod:`tertius.events.aggregate`, written once for DuckDB, in the words of other engines.

sqlglot transpiles it (extra ``tertius[spark]``). What it leaves as DuckDB's own is put in place here: microseconds
since 1970, which Spark and BigQuery both call ``UNIX_MICROS``, of a time stamp in UTC.
"""

from __future__ import annotations

from tertius.errors import UsageError

DIALECTS = ("spark", "bigquery")


def transpiled(sql: str, dialect: str) -> str:
    """A query in another dialect of :data:`DIALECTS`. Raises UsageError where sqlglot is not installed.

    >>> transpiled("SELECT epoch_us(date) FROM events", "bigquery")
    'SELECT UNIX_MICROS(CAST(date AS TIMESTAMP)) FROM events'
    """
    try:
        from sqlglot import exp, parse_one
    except ImportError:
        raise UsageError("sqlglot is not installed.", "Type: pip install 'tertius[spark]'.") from None

    def own(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Anonymous) and node.name.lower() == "epoch_us":
            moment = exp.cast(node.expressions[0], exp.DataType.Type.TIMESTAMPTZ)
            return exp.Anonymous(this="UNIX_MICROS", expressions=[moment])
        return node

    return parse_one(sql, read="duckdb").transform(own).sql(dialect=dialect)

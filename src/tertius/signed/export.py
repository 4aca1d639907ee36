"""Signed graphs for other programs: networkx, GraphML, and rows for CSV or Parquet.

GraphML is written here (Brandes et al. 2002, doi:10.1007/3-540-45848-4_59), so that it needs no package; Gephi, igraph,
visone and networkx read it. Camps and margins of a :class:`~tertius.signed.frustration.Frustration` go with the nodes.
"""

from __future__ import annotations

import csv
import io
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from tertius.errors import UsageError
from tertius.signed.frustration import Frustration
from tertius.signed.graph import SignedGraph

EDGE_COLUMNS = ("a", "b", "sign", "weight", "frustrated")


def node_rows(graph: SignedGraph, found: Frustration | None = None) -> list[dict[str, Any]]:
    """A row an actor: ``actor``, and with camps ``camp`` (None without an edge) and ``margin``.

    >>> from tertius.signed.graph import from_edges
    >>> node_rows(from_edges(["i"], ["j"], [1]))
    [{'actor': 'i'}, {'actor': 'j'}]
    """
    if found is None:
        return [{"actor": actor} for actor in graph.actors]
    if found.actors != graph.actors:
        raise UsageError("The camps are of another graph.", "Give the graph that they were found in.")
    return [
        {"actor": actor, "camp": camp if camp >= 0 else None, "margin": margin if margin == margin else None}
        for actor, camp, margin in zip(graph.actors, found.camps.tolist(), found.margin.tolist(), strict=True)
    ]


def edge_rows(graph: SignedGraph, found: Frustration | None = None) -> list[dict[str, Any]]:
    """A row an edge: ``a``, ``b``, ``sign`` 1 or -1, ``weight`` its size, and with camps whether it is ``frustrated``.

    >>> from tertius.signed.graph import from_edges
    >>> edge_rows(from_edges(["i"], ["j"], [-1], [2.5]))
    [{'a': 'i', 'b': 'j', 'sign': -1, 'weight': 2.5}]
    """
    rows = []
    for a, b, w in zip(graph.a.tolist(), graph.b.tolist(), graph.weight.tolist(), strict=True):
        row: dict[str, Any] = {"a": graph.actors[a], "b": graph.actors[b], "sign": 1 if w > 0 else -1, "weight": abs(w)}
        if found is not None:
            row["frustrated"] = bool((found.camps[a] == found.camps[b]) != (w > 0))
        rows.append(row)
    return rows


def to_csv(graph: SignedGraph, found: Frustration | None = None) -> str:
    """The edges as CSV, in the columns that ``tertius balance`` reads.

    >>> from tertius.signed.graph import from_edges
    >>> print(to_csv(from_edges(["i"], ["j"], [-1], [2.5])), end="")
    a,b,sign,weight
    i,j,-1,2.5
    """
    out = io.StringIO()
    columns = EDGE_COLUMNS if found is not None else EDGE_COLUMNS[:-1]
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(edge_rows(graph, found))
    return out.getvalue()


def to_networkx(graph: SignedGraph, found: Frustration | None = None) -> Any:
    """A ``networkx.Graph`` with ``sign``, ``weight`` (its size) and, with camps, ``camp``, ``margin``, ``frustrated``.

    Raises UsageError where networkx is not installed.
    """
    try:
        import networkx as nx
    except ImportError:
        raise UsageError("networkx is not installed.", "Type: pip install networkx. Or use to_graphml.") from None
    out = nx.Graph()
    for row in node_rows(graph, found):
        out.add_node(row.pop("actor"), **row)
    for row in edge_rows(graph, found):
        out.add_edge(row.pop("a"), row.pop("b"), **row)
    return out


_TYPES = {"camp": "int", "margin": "double", "sign": "int", "weight": "double", "frustrated": "boolean"}


def to_graphml(graph: SignedGraph, found: Frustration | None = None) -> str:
    """The graph as a GraphML document.

    >>> from tertius.signed.graph import from_edges
    >>> print(to_graphml(from_edges(["i"], ["j"], [-1])).splitlines()[5])
        <node id="i"/>
    """
    nodes, edges = node_rows(graph, found), edge_rows(graph, found)
    of_edges = ["sign", "weight", *(["frustrated"] if found is not None else [])]
    of_nodes = ["camp", "margin"] if found is not None else []
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(_key(name, "node") for name in of_nodes),
        *(_key(name, "edge") for name in of_edges),
        '  <graph edgedefault="undirected">',
    ]
    for row in nodes:
        data = _data(row, of_nodes)
        start = f"    <node id={quoteattr(row['actor'])}"
        lines.append(f"{start}>{data}</node>" if data else f"{start}/>")
    for row in edges:
        start = f"    <edge source={quoteattr(row['a'])} target={quoteattr(row['b'])}>"
        lines.append(f"{start}{_data(row, of_edges)}</edge>")
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


def _key(name: str, of: str) -> str:
    return f'  <key id="{name}" for="{of}" attr.name="{name}" attr.type="{_TYPES[name]}"/>'


def _data(row: dict[str, Any], names: list[str]) -> str:
    shown = ((name, row[name]) for name in names if row[name] is not None)
    return "".join(
        f'<data key="{name}">{escape(str(value).lower() if isinstance(value, bool) else repr(value))}</data>'
        for name, value in shown
    )

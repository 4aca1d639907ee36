"""Parts of a Document, for tests to look at."""

from __future__ import annotations

from tertius.report.document import Badge, Block, Document, Facts, Items, Prose, Section, Table


def texts(section: Section) -> list[str]:
    """The paragraphs of a section on the page."""
    return [f"{b.lead} {b.text}".strip() for b in section.blocks if isinstance(b, Prose) and b.only != "terminal"]


def table(section: Section, n: int = 0) -> list[dict[str, str]]:
    """The n-th table of a section on the page, a mapping of column to text a row; notes of cells after a slash."""
    found = tables_of(section)[n]
    return [
        {
            c.name: cell if isinstance(cell, str) else " / ".join(x for x in (cell.text, cell.note) if x)
            for c, cell in zip(found.columns, row.cells, strict=True)
        }
        for row in found.rows
    ]


def marked(section: Section, n: int = 0) -> list[int]:
    """Which rows of a section's n-th table on the page are marked."""
    return [k for k, row in enumerate(tables_of(section)[n].rows) if row.marked]


def tables_of(section: Section) -> list[Table]:
    """The tables of a section on the page."""
    return [b for b in blocks_of(section) if isinstance(b, Table) and b.only != "terminal"]


def facts(section: Section) -> dict[str, str]:
    """Names and values of a section."""
    return {name: value for b in blocks_of(section) if isinstance(b, Facts) for name, value in b.lines}


def items(section: Section) -> list[str]:
    """The entries of a section's lists."""
    return [i if isinstance(i, str) else i.text for b in blocks_of(section) if isinstance(b, Items) for i in b.items]


def blocks_of(section: Section) -> list[Block]:
    """All blocks of a section, those inside others too."""
    return list(Document("", "", (), (section,)).blocks())


def lead(document: Document) -> tuple[str, Badge]:
    """The answer in a sentence or two, and its verdict."""
    (answer,) = (b.text for b in document.lead if isinstance(b, Prose) and b.style == "answer")
    (badge,) = (b for b in document.lead if isinstance(b, Badge))
    return answer, badge

"""Format ``keds``: events of the Kansas Event Data System in WEIS codes (Schrodt, Davis & Weddle 1994).

Tables with the columns date, source, target and ``weis`` (or ``code``), and the project's own text: lines of date,
source, target, code, label and perhaps a sentence, tab-separated, no header, dates as ``yymmdd`` (41 to 99 are of the
twentieth century). Codes are WEIS's, whose numbers mean other things than CAMEO's; actors are the project's
(:mod:`tertius.codes.chains`). A country with GOV or MIL speaks for it; compounds such as ``BOSSER`` stay actors of
their own.
"""

from __future__ import annotations

from tertius.sources.format import Format

_TEXT = ("date", "source", "target", "weis", "label", "sentence")

FORMAT = Format(
    name="keds",
    directed=True,
    columns={
        "date": ("date",),
        "source": ("source",),
        "target": ("target",),
        "quad": ("quad",),
        "type": ("weis", "code", "type"),
        "weight": ("weight",),
        "goldstein": ("goldstein",),
        "origin": ("origin",),
        "url": ("url",),
        "sentence": ("sentence", "relation", "label"),
    },
    required=("date", "source", "target", "type"),
    quoting=False,
    cite=(
        "Schrodt, P. A., Davis, S. G. & Weddle, J. L. (1994). Political science: KEDS, a program for the "
        "machine coding of "
        "event data. Social Science Computer Review 12(4), 561-587.",
        "10.1177/089443939401200408",
    ),
    bibtex="""@article{keds,
  author = {Schrodt, Philip A. and Davis, Shannon G. and Weddle, Judith L.},
  title = {Political Science: {KEDS}---A Program for the Machine Coding of Event Data},
  journal = {Social Science Computer Review},
  volume = {12},
  number = {4},
  pages = {561--587},
  year = {1994},
  doi = {10.1177/089443939401200408}
}""",
    lines=True,
    headers={4: _TEXT, 5: _TEXT, 6: _TEXT},
    ontology="weis",
    system="keds",
    known_by=(("date",), ("source",), ("target",), ("weis",)),
)

"""Tests are where they are looked for: ``src/tertius/X/Y.py`` is tested by ``tests/unit/X/test_Y.py``.

What is tested elsewhere is listed with the reason, and the file that is named has to import the module.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE, UNIT = ROOT / "src" / "tertius", ROOT / "tests" / "unit"

PACKAGES = {
    "effects": ("contract/test_effects.py", "every effect meets the same contract, a slow twin"),
    "model/rate": (
        "property/test_rate.py",
        "laws of the parts together: sums, optimum, what a sample leaves",
    ),
    "model/within": ("unit/model/within/test_model.py", "parts of one estimator, tested on the same panels"),
    "worlds": ("unit/test_worlds.py", "a world is tested by what is in its data, whatever the generator"),
    "signed/frustration": (
        "unit/signed/frustration/test_solve.py",
        "bounds and proofs are tested together, against brute force and the separate check",
    ),
    "mcp": ("interface/test_mcp.py", "tools and server as a client meets them"),
    "cli": ("interface/test_cli.py", "commands as a user types them"),
    "sources/fetching": (
        "unit/sources/fetching/test_fetch.py",
        "lists, files and import are tested against one server that plays the sources' own",
    ),
    "report/charts": ("unit/report/test_charts.py", "one chart like another: what all of them keep is tested on all"),
    "web": ("interface/web/test_pages.py", "a server is tested by asking it: pages, work, guard, description, a tour"),
    "report": ("unit/report/test_terminal.py", "words and rows are seen where they are shown"),
    "answers/certificate": ("unit/answers/certificate/test_certify.py", "one rule, tested condition by condition"),
}
"""Packages whose modules need no file each: where they are tested, and why there."""

MODULES = {
    "events/compaction.py": ("unit/events/test_store.py", "a store is the same before and after"),
    "reading/html.py": ("unit/reading/test_document.py", "a page is seen in the document made of it"),
    "reading/pdf.py": ("unit/reading/test_document.py", "a PDF is seen in the document made of it"),
    "reading/deadline.py": ("unit/reading/test_address.py", "a time limit, as a slow server meets it"),
    "reading/lines.py": ("unit/reading/test_dump.py", "cues and places together are the classifier"),
    "answers/foresight.py": (
        "unit/study/test_forecast.py",
        "answers of these questions, and the words of their verdict",
    ),
    "answers/explanation.py": ("unit/answers/test_rise.py", "verdict and text follow from the figures of a rise"),
    "answers/overview.py": ("unit/study/test_pairs.py", "a result of the question about all pairs"),
    "answers/pairs.py": ("unit/answers/test_attribution.py", "the same attribution, the other way round"),
    "events/journal.py": ("unit/events/test_store.py", "a journal is what a store's imports leave"),
    "events/lock.py": ("unit/events/test_store.py", "a lock without a store to protect is not worth a test"),
    "events/manifest.py": ("unit/events/test_store.py", "a manifest says nothing without its store"),
    "events/spark.py": ("unit/events/test_dialects.py", "addresses; Spark itself: equivalence/test_engines.py"),
    "events/table.py": ("unit/events/test_data.py", "a list of columns: data have them"),
    "events/verified.py": ("unit/events/test_store.py", "parts are verified when a store opens"),
    "foresight/frequencies.py": ("unit/foresight/test_backtest.py", "a baseline, tested beside the others"),
    "foresight/models.py": ("unit/foresight/test_backtest.py", "the models, as the rolling origin fits them"),
    "history.py": ("property/test_history.py", "laws of decay"),
    "model/beside.py": ("unit/report/test_ladder.py", "values, made by the ladder and read by the report"),
    "model/design.py": ("property/test_rate.py", "columns and their units, as the models take them"),
    "model/result.py": ("parity/test_peers.py", "its figures are compared with those of other packages"),
    "model/tables.py": ("interface/test_manners.py", "tables are seen where a result prints them"),
    "reading/shallow.py": ("unit/reading/test_parsed.py", "both readers meet the same cases"),
    "study/brief.py": ("unit/report/test_brief.py", "a value, of which the report makes a page and files"),
    "sources/covariates.py": ("unit/events/test_covariates.py", "files of covariates, and the arrays made of them"),
}
"""Modules tested in another file: which, and why there."""

UNDER_ANOTHER_NAME = {
    "events/compaction.py": "stores of many imports, and readers meanwhile: unit/events/test_store.py",
    "answers/verdict.py": "a list of words, whose order the explanations' tests use",
    "model/absorbed.py": "a value, made by the models",
    "model/corrected.py": "a value: the formulas behind it have unit/model/within/test_bias.py",
    "model/without_pair.py": "against refits: unit/study/test_pairs.py, by all pairs at once",
    "sources/custom.py": "a Format, a value: unit/sources/test_importing.py",
    "sources/dyads.py": "a Format, a value: unit/sources/test_importing.py",
    "sources/icews.py": "a Format, a value: unit/sources/test_real_files.py",
    "events/journal.py": "lines of a store: unit/events/test_store.py",
    "sources/coverage.py": "gaps of real calendars: unit/sources/test_origins.py, unit/events/test_calendar.py",
    "events/totals.py": "sums that a manifest keeps: unit/events/test_calendar.py",
    "sources/gdelt.py": "a Format, a value: unit/sources/test_origins.py",
    "sources/keds.py": "a Format, a value: unit/sources/test_origins.py",
    "sources/mending.py": "quoted text row by row: unit/sources/test_origins.py",
    "sources/polecat.py": "a Format, a value: unit/sources/test_origins.py",
    "sources/quarantine.py": "rows put aside: unit/sources/test_rules.py",
    "sources/ucdp.py": "a Format, a value: unit/sources/test_origins.py",
    "sources/format.py": "columns of files by name: unit/sources/test_importing.py",
    "report/sections/foresight.py": "forecasts and scores as commands print them: interface/test_foresight.py",
    "report/sections/movement.py": "trend, rank and isolation as commands print them: interface/test_camps.py",
    "study/explain.py": "the public question: unit/study/test_fit.py asks it of a Study",
    "report/sections/reading.py": "a reading as the command shows it: interface/test_reading.py",
    "study/reading.py": "files, lines and readers as the command takes them: interface/test_reading.py",
    "reading/frame.py": "who says so, sentence by sentence: unit/reading/test_claims.py",
    "reading/marked.py": "sentences as the grammar of claims takes them: unit/reading/test_claims.py",
    "reading/relations.py": "nouns and changes, as trends have them: unit/reading/test_claims.py",
    "study/demo.py": "the demo as the command gives it: interface/test_demo.py",
    "answers/changed.py": "a changed history, as what if, price and wedge ask for it: unit/answers/test_whatif.py",
    "answers/counsel.py": "results of the four questions: unit/study/test_counsel.py",
    "report/sections/counsel.py": "as the commands print them: unit/study/test_counsel.py",
    "reading/extra.py": "without the extra, as the command says it: interface/test_reading.py",
    "study/folder.py": "Studies on disk: unit/test_study_folder.py",
}
"""Modules that their tests reach through the public API alone: how."""


def modules() -> list[str]:
    found = [p.relative_to(SOURCE).as_posix() for p in SOURCE.rglob("*.py")]
    return sorted(p for p in found if not p.endswith(("__init__.py", "__main__.py")))


def own(module: str) -> Path:
    path = Path(module)
    return UNIT / path.parent / f"test_{path.name}"


def imports(test: Path, module: str) -> bool:
    """Whether a test file imports a module, or a package of that name."""
    package, _, name = f"tertius.{module.removesuffix('.py').replace('/', '.')}".rpartition(".")
    text = test.read_text()
    return bool(re.search(rf"{re.escape(package)}\.{name}\b|from {re.escape(package)} import .*\b{name}\b", text))


@pytest.mark.parametrize("module", modules())
def test_every_module_has_its_tests_where_they_are_looked_for(module: str) -> None:
    package = str(Path(module).parent)
    listed = module in MODULES or module in UNDER_ANOTHER_NAME
    if own(module).exists():
        assert not listed, f"{module} has a test file of its own: take it off the list"
    else:
        wanted = own(module).relative_to(ROOT)
        assert listed or package in PACKAGES, f"{module} has no test file: write {wanted}"


@pytest.mark.parametrize(("module", "test"), [(m, t) for m, (t, _) in MODULES.items()])
def test_the_other_file_imports_the_module(module: str, test: str) -> None:
    assert imports(ROOT / "tests" / test, module)


def test_the_lists_name_what_exists() -> None:
    for package, (test, why) in PACKAGES.items():
        assert (SOURCE / package).is_dir(), package
        assert imports(ROOT / "tests" / test, f"{package}.py"), test
        assert why
    assert set(MODULES) | set(UNDER_ANOTHER_NAME) <= set(modules())
    for how in UNDER_ANOTHER_NAME.values():
        for path in re.findall(r"(?:unit|interface)/[\w/]+\.py", how):
            assert (ROOT / "tests" / path).exists(), path

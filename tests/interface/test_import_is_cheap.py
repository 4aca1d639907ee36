"""``import tertius`` and ``tertius --help`` load nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "altair",
    "duckdb",
    "jinja2",
    "narwhals",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "rich",
    "scipy",
    "vl_convert",
}
SHOW = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"


def modules_after(code: str) -> list[str]:
    """Modules that a piece of code leaves loaded."""
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\n{SHOW}"], capture_output=True, text=True, check=True, timeout=60
    )
    return list(json.loads(ran.stderr.splitlines()[-1]))


def loaded_by(code: str) -> set[str]:
    """Top-level packages that a piece of code leaves loaded."""
    return {name.split(".")[0] for name in modules_after(code)}


def test_importing_tertius_loads_nothing_heavy() -> None:
    loaded = loaded_by("import tertius; tertius.__version__; dir(tertius); tertius.TertiusError")
    assert "tertius" in loaded
    assert loaded & (HEAVY | {"typer"}) == set()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["fit", "--help"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    run = "from tertius.cli import main\ntry: main()\nexcept SystemExit: pass"
    loaded = loaded_by(f"import sys; sys.argv = ['tertius', *{words}]\n{run}")
    assert "typer" in loaded
    assert loaded & (HEAVY - {"rich"}) == set()


def test_asking_loads_distributions_and_optimisers_only_where_a_question_needs_them() -> None:
    loaded = set(modules_after("import tertius.study"))
    assert "scipy.special" in loaded
    assert not loaded & {"scipy.stats", "scipy.optimize"}

"""Run the notebooks of ``docs/notebooks`` and keep what they print and draw; or check that they still print it.

    python scripts/notebooks.py [NAME...] [--check]

A notebook's cells are run one after the other in this process, in an empty folder, without a kernel. What a cell prints
is kept as text, a chart that is its last value as a picture. ``--check`` writes nothing, compares the text, and exits
with 1 where it differs. Needs the package tertius-atlas.
"""

from __future__ import annotations

import argparse
import ast
import base64
import contextlib
import difflib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
FOLDER = Path(__file__).resolve().parents[1] / "docs" / "notebooks"


def run(cells: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The outputs of each code cell."""
    namespace: dict[str, Any] = {}
    code = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return [_outputs(source, namespace) for source in code]


def _outputs(source: str, namespace: dict[str, Any]) -> list[dict[str, Any]]:
    tree = ast.parse(source)
    last = ast.Expression(tree.body.pop().value) if tree.body and isinstance(tree.body[-1], ast.Expr) else None  # type: ignore[attr-defined]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), namespace)
        value = eval(compile(last, "cell", "eval"), namespace) if last is not None else None
    found: list[dict[str, Any]] = []
    if text := printed.getvalue():
        found.append({"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)})
    if hasattr(value, "to_dict") and hasattr(value, "save"):
        picture = io.BytesIO()
        value.properties(width=640).save(picture, format="png", scale_factor=1)
        data = {"image/png": base64.b64encode(picture.getvalue()).decode()}
        found.append({"output_type": "display_data", "metadata": {}, "data": data})
    return found


def text_of(outputs: list[list[dict[str, Any]]]) -> list[str]:
    """What all cells printed, line by line."""
    return [line for cell in outputs for o in cell if o["output_type"] == "stream" for line in o["text"]]


def stored(notebook: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The outputs that a notebook holds."""
    return [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    differ = False
    for path in sorted(FOLDER.glob("*.ipynb")):
        if options.names and path.stem not in options.names:
            continue
        notebook = json.loads(path.read_text("utf-8"))
        outputs = run(notebook["cells"])
        if options.check:
            lines = list(difflib.unified_diff(text_of(stored(notebook)), text_of(outputs), path.name, "now"))
            sys.stdout.writelines(lines)
            differ |= bool(lines)
            continue
        code = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        for n, (cell, made) in enumerate(zip(code, outputs, strict=True), 1):
            cell["outputs"], cell["execution_count"] = made, n
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()

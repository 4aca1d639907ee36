"""What do the wheels and the sdist hold? Exits with 1 where tertius holds the atlas or other data than its chronicle
and codes, where the atlas's wheel is too large, or where one names the other.

    python scripts/check_distributions.py DIST
"""

from __future__ import annotations

import argparse
import sys
import tarfile
import zipfile
from pathlib import Path

LARGEST = 1_500_000
"""Bytes of the atlas's wheel."""
DATA = (".parquet", ".arrow", ".feather", ".gz", ".zip", ".csv", ".tsv", ".tab")
OWN = {
    "tertius/sources/chronicle.csv",
    *(f"tertius/codes/{name}.csv" for name in ("actors", "cameo_titles", "groups")),
    *(f"tertius/reading/{name}.csv" for name in ("bodies", "frames", "lexicon", "persons", "wars")),
}
"""Data of our own in the wheel, and lists of codes, names and words."""


def contents(path: Path) -> dict[str, int]:
    """Files of a wheel or sdist and their bytes; of an sdist without its first folder."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {i.filename: i.file_size for i in wheel.infolist()}
    with tarfile.open(path) as sdist:
        return {m.name.partition("/")[2]: m.size for m in sdist.getmembers() if m.isfile()}


def metadata(path: Path) -> str:
    """The METADATA of a wheel."""
    with zipfile.ZipFile(path) as wheel:
        (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
        return wheel.read(name).decode()


def complaints(folder: Path) -> list[str]:
    """What is wrong with the distributions in a folder, each in a sentence; prints what they are."""
    said = []
    for path in sorted(folder.iterdir()):
        files = contents(path)
        print(f"{path.name}: {path.stat().st_size:,} bytes, {len(files)} files")
        atlas = path.name.startswith("tertius_atlas-")
        if path.suffix == ".whl":
            needs = [line for line in metadata(path).splitlines() if line.startswith("Requires-Dist:")]
            if any("tertius" in line.replace("tertius[", "") for line in needs):
                said.append(f"{path.name} names the other distribution.")
        if atlas:
            if path.suffix == ".whl" and path.stat().st_size >= LARGEST:
                said.append(f"{path.name} has {LARGEST:,} bytes or more.")
            continue
        of_atlas = [n for n in files if "atlas" in Path(n).name and n.endswith(DATA)]
        if strangers := [n for n in files if n.startswith("packages/")] + of_atlas:
            said.append(f"{path.name} holds the atlas: {strangers[0]}.")
        if path.suffix == ".whl" and (data := [n for n in files if n.endswith(DATA) and n not in OWN]):
            said.append(f"{path.name} holds data: {data[0]}.")
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    said = complaints(parser.parse_args().folder)
    print("\n".join(said))
    sys.exit(1 if said else 0)


if __name__ == "__main__":
    main()

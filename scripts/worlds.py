"""How often does the certificate pass in worlds whose truth is known? Two generators, every world, seeded.

    python scripts/worlds.py [--seeds 200] [--false-seeds 400] [--seed 5001] [--worlds planted:0.3,shock,...]
                             [--generators counts,media] [--undirected] [--workers 1] [--out rows.csv] [--resume]

A world is a name of :mod:`tertius.worlds`, with an effect where it has one (``planted:0.3``). No pair is asked about:
what passes are the conditions of all pairs, of the very models behind :func:`tertius.certify`
(:func:`tertius.answers.certificate.certify.first_failure`, which fits no more of them than it takes to know). One line
a world: the share of seeds that pass, its standard error, how many seeds, and which condition failed first how often,
in per cent of all seeds. "refused" counts worlds that a model refuses; they do not pass. Where a generator knows
stories and the world codes them, a second line, "stories known", gives the certificate the stories; the first does not.

``--undirected`` adds up the hostility of both ways and asks the stricter rule. Rows go to ``--out`` as they are made,
in rounds over all worlds, so that a run that is cut short has about the same seeds of each; ``--resume`` makes only the
rows that are not there, and the table is of all that are. The same rows whatever the number of workers.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tertius.answers.certificate.certify import first_failure
from tertius.errors import TertiusError
from tertius.worlds import FALSE_WORLDS, GENERATORS, STORY_WORLDS, TRUE_WORLDS, possible_worlds, slices_of, world

SIZES = (0.2, 0.3, 0.4)
FALSE_STORIES = ("one_story", "story_echo")
PASSED, REFUSED = "passed", "refused"
FIELDS = ("generator", "world", "effect", "stories", "undirected", "seed", "outcome")
ROUND = 20
"""Seeds of each world before the next."""


@dataclass(frozen=True, slots=True)
class Job:
    """One world to certify; ``effect`` is text, empty for the default. ``stories``: whether they are known."""

    generator: str
    name: str
    effect: str
    stories: bool
    undirected: bool
    seed: int

    @property
    def key(self) -> tuple[str, ...]:
        """As in a row."""
        known = "known" if self.stories else ""
        return self.generator, self.name, self.effect, known, "undirected" if self.undirected else "", str(self.seed)


def run(job: Job) -> tuple[Job, str]:
    """Draw and certify: "passed", "refused", or the first condition that fails."""
    effect = float(job.effect) if job.effect else None
    drawn = world(job.name, generator=job.generator, effect=effect, seed=job.seed)
    apart = None
    if job.stories:
        assert drawn.C_apart is not None
        apart = slices_of(drawn.C_apart, drawn.H, directed=not job.undirected)
    try:
        failed = first_failure(drawn.slices(directed=not job.undirected), response="count", apart=apart)
    except TertiusError:
        return job, REFUSED
    return job, failed or PASSED


def wanted(text: str | None, generators: Sequence[str]) -> Iterator[tuple[str, str, str, bool]]:
    """(generator, world, effect, stories known) in the order of the table."""
    for generator in generators:
        every = [f"planted:{x}" for x in SIZES] + [w for w in possible_worlds(generator) if w != "planted"]
        for part in text.split(",") if text else every:
            name, _, effect = part.partition(":")
            if name not in possible_worlds(generator):
                continue
            yield generator, name, effect, False
            if name in STORY_WORLDS:
                yield generator, name, effect, True


def is_false(name: str) -> bool:
    """Whether the claim is false there."""
    return name in FALSE_WORLDS or name in FALSE_STORIES


def jobs_of(options: argparse.Namespace) -> list[Job]:
    """All jobs, in rounds of some seeds of each world."""
    lines = list(wanted(options.worlds, options.generators.split(",")))
    found = []
    for first in range(0, max(options.seeds, options.false_seeds), ROUND):
        for generator, name, effect, stories in lines:
            most = options.false_seeds if is_false(name) else options.seeds
            found += [
                Job(generator, name, effect, stories, options.undirected, options.seed + s)
                for s in range(first, min(first + ROUND, most))
            ]
    return found


def line(key: tuple[str, ...], outcomes: Sequence[str]) -> str:
    """Share that pass, its standard error, n, and what failed first."""
    n = len(outcomes)
    share = sum(x == PASSED for x in outcomes) / n
    generator, name, effect, stories, _ = key
    label = f"{name} {effect}".strip() + (", stories known" if stories else "")
    truth = "true" if name in TRUE_WORLDS or name == "planted_story" else "false"
    failed = ", ".join(f"{what} {100 * k / n:.0f}" for what, k in Counter(outcomes).most_common() if what != PASSED)
    error = 100 * sqrt(share * (1 - share) / n)
    return f"{generator:<8}{truth:<7}{label:<30}{100 * share:>6.1f}{error:>6.1f}{n:>6}  {failed}"


def table(rows: dict[tuple[str, ...], str]) -> list[str]:
    """One line a world."""
    by_world: dict[tuple[str, ...], list[str]] = {}
    for key, outcome in rows.items():
        by_world.setdefault(key[:-1], []).append(outcome)
    order = {(g, n, e): at for at, (g, n, e, _) in enumerate(wanted(None, GENERATORS))}
    keys = sorted(by_world, key=lambda k: (k[0], is_false(k[1]), order.get((k[0], k[1], k[2]), 0), k))
    heading = f"{'':<8}{'claim':<7}{'world':<30}{'passes':>6}{'(se)':>6}{'seeds':>6}  failed first, in %"
    return [heading, *(line(k, by_world[k]) for k in keys)]


def read(path: Path) -> dict[tuple[str, ...], str]:
    """The rows of a file by their key."""
    with path.open(newline="") as file:
        return {tuple(r[f] for f in FIELDS[:-1]): r["outcome"] for r in csv.DictReader(file)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200, help="of each true world")
    parser.add_argument("--false-seeds", type=int, default=400, help="of each false world")
    parser.add_argument("--seed", type=int, default=5001, help="the first seed; 70001 to 81000 served the search")
    parser.add_argument("--worlds", help="planted:0.3,shock,...; default: all, planted at .2, .3 and .4")
    parser.add_argument("--generators", default=",".join(GENERATORS))
    parser.add_argument("--undirected", action="store_true", help="add up the hostility of both ways")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, help="rows as CSV, written as they are made")
    parser.add_argument("--resume", action="store_true", help="make only the rows that --out does not hold")
    parser.add_argument("--table", action="store_true", help="print the table of --out and make nothing")
    options = parser.parse_args()
    if (options.resume or options.table) and (options.out is None or not options.out.exists()):
        parser.error("--resume and --table need an --out file that exists")

    began = time.perf_counter()
    rows = read(options.out) if options.resume or options.table else {}
    jobs = [] if options.table else [j for j in jobs_of(options) if j.key not in rows]
    if options.out and not rows and not options.table:
        options.out.write_text(",".join(FIELDS) + "\n")
    with Pool(options.workers) as pool:
        for job, outcome in pool.imap(run, jobs):
            rows[job.key] = outcome
            if options.out:
                with options.out.open("a", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerow((*job.key, outcome))
    print("\n".join(table(rows)))
    if jobs:
        print(f"{len(jobs)} worlds in {time.perf_counter() - began:.0f} seconds")


if __name__ == "__main__":
    main()

"""Do the camps hang on how strongly the actors' habits are drawn to the window's mix?

    python scripts/camps_habits.py DATA [--window 1y] [--priors .1,.2,.3,.5] [--actors USA,GBR,ISR,RUS,CHN,IRN]

``--neutral actors`` has one number that is not given by the data, ``PRIOR`` of :mod:`tertius.signed.neutral`. Printed:
for each of its values the threshold that is chosen, and for each window the actors who stand with the first of
``--actors``, and those who do not (in brackets: without an edge).
"""

from __future__ import annotations

import argparse

import tertius
from tertius.signed import neutral


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--window", default="1y")
    parser.add_argument("--priors", default=".1,.2,.3,.5")
    parser.add_argument("--actors", default="USA,GBR,ISR,RUS,CHN,IRN")
    options = parser.parse_args()
    actors = options.actors.split(",")
    for prior in map(float, options.priors.split(",")):
        neutral.PRIOR = prior
        found = tertius.balance(options.data, window=options.window, draws=0)
        print(f"prior {prior:g}, threshold {found.threshold:g}")
        for window in found.windows:
            camps = window.to_dict()["camps"]
            own = camps.get(actors[0])
            sides = [[a for a in actors if a in camps and (camps[a] == own) == same] for same in (True, False)]
            without = [a for a in actors if a not in camps]
            print(f"  {window.window}: {' '.join(sides[0])} | {' '.join(sides[1])} ({' '.join(without)})")


if __name__ == "__main__":
    main()

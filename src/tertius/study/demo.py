"""What ``tertius demo`` shows: one pair explained, and an article of our own read and put to the same data.

The article (``demo.md``) is in the manner of an opinion piece. It was written for this, and claims more than data bear
out.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from tertius.answers.claim_check import Checked
from tertius.answers.explanation import Explanation
from tertius.errors import TertiusWarning
from tertius.language import say
from tertius.model.result import FitResult
from tertius.progress import OnProgress
from tertius.reading.document import document_of_text
from tertius.reading.readers import DEFAULT, find_reader
from tertius.sources.named import ATLAS, is_installed
from tertius.sources.named import named as by_name
from tertius.spec import DEMO_PERMUTATIONS
from tertius.study.check import check_reading
from tertius.study.fit import Study
from tertius.worlds.samples import PLANTED


@dataclass(frozen=True, slots=True)
class Demo:
    """The answer that ``tertius demo`` gives.

    Attributes
    ----------
    explanation : the answer.
    checked : the article's claims; None where the answer is not of the atlas.
    instead : why it is not of the atlas; empty where it is.
    """

    explanation: Explanation
    checked: Checked | None = None
    instead: str = ""

    @property
    def fit(self) -> FitResult:
        """The model behind it."""
        return self.explanation.fit

    @property
    def caveats(self) -> tuple[str, ...]:
        """What the reader must know."""
        return self.explanation.caveats

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius demo --json``."""
        claims = [] if self.checked is None else [c.to_dict() for c in self.checked.claims]
        return {"explain": self.explanation.to_dict(), "claims": claims, "instead": self.instead or None}


def demo(*, seed: int | None = None, cache: bool = True, progress: OnProgress | None = None) -> Demo:
    """Russia and North Korea on the atlas, with :data:`~tertius.spec.DEMO_PERMUTATIONS` draws of each picture of
    chance, and the claims of an article on the same data; where the atlas is not installed, the named pair of the
    simulated world ``planted``, and no article: nobody writes about its states.

    Parameters
    ----------
    seed : of random numbers (default: 1).
    cache : keep the fit in the user's cache folder, and take it from there.
    progress : called with a line after every step.
    """
    data, pair, instead = ATLAS, ("RUS", "PRK"), ""
    if not is_installed(ATLAS):
        data, pair = PLANTED.name, PLANTED.pair
        instead = say(
            "The atlas is not installed, so this is the simulated world '{data}', whose truth is known.", data=data
        )
    study = Study.open(by_name(data), cache=cache, progress=progress, seed=seed)
    found = study.explain(*pair, permutations=DEMO_PERMUTATIONS, progress=progress)
    return Demo(found, None if instead else article(study, progress), instead)


def article(study: Study, progress: OnProgress | None = None) -> Checked:
    """The claims of our own article, put to the data of a Study."""
    text = files("tertius.study").joinpath("demo.md").read_text(encoding="utf-8")
    reading = find_reader(DEFAULT).read(document_of_text(text))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TertiusWarning)
        return check_reading(reading, study.events, study=study, progress=progress, command="tertius demo")

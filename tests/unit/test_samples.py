"""The data ``planted`` and ``reversed``: simulated, named so in every title, one passes and the other fails."""

from __future__ import annotations

import pytest

from tertius import study
from tertius.answers.explanation import Explanation
from tertius.answers.verdict import CONSISTENT
from tertius.report.pages import SIMULATED_TITLE, document_of
from tertius.sources.loading import load
from tertius.study.behind import Described, RowsBehind
from tertius.worlds.samples import PLANTED, REVERSED, Sample, data_of


@pytest.fixture(scope="module", params=[PLANTED, REVERSED], ids=["planted", "reversed"])
def asked(request: pytest.FixtureRequest) -> tuple[Sample, Explanation]:
    sample: Sample = request.param
    found = study.explain(*sample.pair, sample.name, permutations=0, cache=False)
    assert isinstance(found, Explanation)
    return sample, found


def test_the_certificate_passes_where_it_should_and_fails_where_it_should(asked: tuple[Sample, Explanation]) -> None:
    sample, found = asked
    assert found.certificate is not None
    assert found.attribution.rise.shown is True  # of both: it is the certificate that tells them apart
    if sample is PLANTED:
        assert found.verdict == CONSISTENT
        assert found.certificate.passed
    else:
        assert found.verdict == "contradicted"
        assert not found.certificate.passed


def test_every_title_says_simulated(asked: tuple[Sample, Explanation]) -> None:
    sample, found = asked
    events = load(sample.name)
    a, b = sample.pair
    answers = [
        found,
        study.explain(None, None, events, by=a, cache=False),
        found.fit,
        study.Fits((found.fit,)),
        study.trend(a, b, events),
        study.rank(a, b, events),
        study.isolation(a, events),
        study.balance(events, window="5y", draws=0, seconds=1),
        Described(events.describe()),
        RowsBehind(study.events_between(a, b, events, None, None, 5)),
    ]
    for answer in answers:
        document = document_of(answer)
        assert document.title.startswith(SIMULATED_TITLE), type(answer)
        assert document.heading.startswith(SIMULATED_TITLE), type(answer)


def test_the_text_says_that_the_seed_was_chosen_and_how_often_others_pass(asked: tuple[Sample, Explanation]) -> None:
    sample, found = asked
    assert found.caveats[0] == found.note
    assert (
        f"of 100 seeds of this world, the certificate's conditions of all pairs hold in {sample.passes}" in found.note
    )


def test_observed_data_are_not_called_simulated() -> None:
    assert not document_of(Described(load("chronicle").describe())).title.startswith(SIMULATED_TITLE)


def test_the_same_seed_gives_the_same_data_and_another_another() -> None:
    assert data_of(PLANTED).hash == load("planted").hash == data_of(PLANTED, PLANTED.seed).hash
    assert data_of(PLANTED, 2).hash != load("planted").hash

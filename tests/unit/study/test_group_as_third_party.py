"""A group as third party: the sum of its members' parts, and what cannot be asked of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tertius import Study
from tertius.errors import InputError, UsageError


@pytest.fixture
def group(tmp_path: Path) -> str:
    """Three actors, one of whom will be of the pair."""
    path = tmp_path / "friends"
    path.write_text("A01\nA02\nA03\n", encoding="utf-8")
    return f"@{path}"


def test_a_groups_part_is_the_sum_of_its_members_parts(study: Study, group: str) -> None:
    found = study.explain("A00", "A01", by=group, permutations=0)
    parts = {t.actor: (n, t) for n, t in enumerate(found.attribution.third_parties)}
    (m, one), (n, other) = parts["A02"], parts["A03"]
    assert found.part is not None
    assert found.part.events == pytest.approx(one.events + other.events)
    drawn = found.attribution.spread[:, [m, n]].sum(axis=1)
    assert (found.part.events_low, found.part.events_high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])))
    assert found.part.share == pytest.approx(found.part.events / found.attribution.expected)
    assert "2 members of" in found.text
    assert found.to_dict()["part"]["actor"] == group


def test_a_group_of_one_has_its_members_part_and_certificate(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "alone"
    path.write_text("A02\n", encoding="utf-8")
    group, alone = (study.explain("A00", "A01", by=by, permutations=0) for by in (f"@{path}", "A02"))
    assert group.part is not None
    assert alone.part is not None
    assert group.part.events == pytest.approx(alone.part.events)
    assert group.part.events_low == pytest.approx(alone.part.events_low)
    assert group.certificate is not None
    assert alone.certificate is not None
    assert group.certificate.pair is not None
    assert alone.certificate.pair is not None
    parts, others = group.certificate.pair.parts, alone.certificate.pair.parts
    assert [p.value for p in parts] == pytest.approx([p.value for p in others])


def test_what_cannot_be_asked_of_a_group_is_said(study: Study, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names a group"):
        study.by("@NATO")
    with pytest.raises(InputError, match="neither a file nor a group"):
        study.explain("A00", "A01", by="@NOBODY")
    path = tmp_path / "own"
    path.write_text("A00\nA01\n", encoding="utf-8")
    with pytest.raises(UsageError, match="third party"):
        study.explain("A00", "A01", by=f"@{path}")

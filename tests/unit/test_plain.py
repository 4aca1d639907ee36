"""Values for JSON, data frames, and numbers as text."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from tertius.errors import UsageError
from tertius.plain import frame, number, plain


def test_whatever_goes_in_strict_json_comes_out() -> None:
    value = {
        "nan": math.nan, "inf": [np.inf, -np.inf], 3: (np.int64(2), np.float32(0.5)), "yes": np.bool_(True),
        "text": "x", "none": None,
    }  # fmt: skip
    found = json.loads(json.dumps(plain(value), allow_nan=False))
    assert found == {"nan": None, "inf": [None, None], "3": [2, 0.5], "yes": True, "text": "x", "none": None}
    assert found["yes"] is True


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_rows_become_the_data_frame_that_was_asked_for(backend: str) -> None:
    pytest.importorskip(backend)
    found = frame([{"a": 1, "b": "x"}, {"a": 2, "b": None}], backend)
    assert type(found).__module__.split(".")[0] == backend
    assert found.shape == (2, 2)


def test_an_unknown_data_frame_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="There is no data frame 'panda'") as refused:
        frame([], "panda")
    assert "pandas" in refused.value.hint


@pytest.mark.parametrize(
    ("x", "text"),
    [(None, "n/a"), (0, "0"), (0.00012345, "0.000123"), (0.000012345, "1.23e-05"), (99.96, "100."), (99.94, "99.9"),
     (1234567, "1.23e+06"), (-999.6, "-1,000")],
)  # fmt: skip
def test_numbers_have_three_significant_digits(x: Any, text: str) -> None:
    assert number(x) == text

"""The scale of verdicts. What lies behind each is decided where its question is answered."""

from __future__ import annotations

from tertius.language import say

CONSISTENT = say("consistent with")
TOO_THIN = say("data too thin")
MIXED = say("mixed")
LEANING = say("leaning")
CONTRADICTED = say("contradicted")
NOT_CERTIFIED = say("not certified")
NO_EFFECT = say("no effect above")
SUPPORTED = say("supported")
NOT_TESTABLE = say("not testable")

"""The scale of verdicts. What lies behind each is decided where its question is answered."""

from __future__ import annotations

CONSISTENT = "consistent with"
TOO_THIN = "data too thin"
MIXED = "mixed"
LEANING = "leaning"
CONTRADICTED = "contradicted"
NOT_CERTIFIED = "not certified"
NO_EFFECT = "no effect above"
SUPPORTED = "supported"
NOT_TESTABLE = "not testable"

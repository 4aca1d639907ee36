"""Answers: one question each, as a frozen answer of table, text and caveats."""

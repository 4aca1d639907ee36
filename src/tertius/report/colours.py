"""Colours of charts and their legends: Okabe and Ito's, for light paper and for a dark page."""

from __future__ import annotations

COLOURS = {
    "blue": ("#0072B2", "#56B4E9"),
    "orange": ("#D55E00", "#F28E3C"),
    "green": ("#007A59", "#2FC79B"),
    "purple": ("#A6477F", "#DE9CC2"),
    "amber": ("#B37A00", "#F0B93A"),
    "ink": ("#222222", "#ececec"),
    "quiet": ("#595959", "#b5b5b5"),
    "paper": ("#ffffff", "#16181a"),
    "grid": ("#e6e6e6", "#34383c"),
    "reference": ("#e4e4e4", "#33373b"),
    "window": ("#f7e9b9", "#4d4014"),
    "unobserved": ("#8c8c8c", "#7b8085"),
}
"""Name -> colour on white paper, colour on a dark page."""

"""The certificate: did the hostility come before the cooperation, and not the other way round?

Its formulas are in :mod:`tertius.answers.certificate.certify`.
"""

from tertius.answers.certificate.certify import General, certify, certify_all
from tertius.answers.certificate.models import FEWEST_PERIODS, periods_left
from tertius.answers.certificate.pair import PairQuestion
from tertius.answers.certificate.permutations import Picture
from tertius.answers.certificate.rule import (
    ATTENTION,
    SLOW,
    STORY,
    WORTH_FINDING,
    Certificate,
    Part,
    Profile,
    Statistic,
)
from tertius.answers.certificate.verdict import Reverse, reverse_claim, verdict, verdict_text

__all__ = [
    "ATTENTION",
    "FEWEST_PERIODS",
    "SLOW",
    "STORY",
    "WORTH_FINDING",
    "Certificate",
    "General",
    "PairQuestion",
    "Part",
    "Picture",
    "Profile",
    "Reverse",
    "Statistic",
    "certify",
    "certify_all",
    "periods_left",
    "reverse_claim",
    "verdict",
    "verdict_text",
]

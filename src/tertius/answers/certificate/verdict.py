"""What a certificate lets an answer say: the verdict on the claim, why, and the reverse claim beside it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from tertius.answers.certificate.rule import SLOW, Z_CLEAR, Certificate, Profile, Statistic
from tertius.answers.verdict import CONSISTENT, CONTRADICTED, LEANING, MIXED, NOT_CERTIFIED, TOO_THIN
from tertius.plain import plain


@dataclass(frozen=True, slots=True)
class Reverse:
    """The reverse claim, beside the claim: cooperation draws hostility.

    Attributes
    ----------
    claim : the claim in a sentence.
    past, future : R's terms: cooperation with k's enemies before, and (mirrored) after, the hostility.
    contrast : past minus future.
    verdict : ``leaning``, ``mixed``, ``contradicted`` or ``data too thin``; see :func:`reverse_claim`. Never more: the
        certificate asks of the claim only, and a reverse that holds is no more than an order of time.
    text : what was found.
    """

    claim: str
    past: Profile
    future: Profile
    contrast: Statistic
    verdict: str
    text: str

    def to_dict(self) -> dict[str, Any]:
        """The value of ``reverse`` in the JSON of ``tertius explain``."""
        document = plain(
            {
                "claim": self.claim,
                "verdict": self.verdict,
                "statistic": self.contrast.statistic,
                "threshold": self.contrast.threshold,
                "holds": not self.contrast.passed and not isnan(self.contrast.statistic),
                "past": {"estimate": self.past.estimate, "se": self.past.se, "z": self.past.z},
                "future": {"estimate": self.future.estimate, "se": self.future.se, "z": self.future.z},
                "text": self.text,
            }
        )
        assert isinstance(document, dict)
        return document


def verdict(certificate: Certificate | None, rise_shown: bool | None, thin: bool | None = None) -> str:
    """The verdict on "the hostility of third parties drives these two together". The first line that applies:

    1. no certificate (not run, or refused)                 -> ``data too thin`` where ``thin``, else ``not certified``
    2. passed, and the pair's cooperation rose              -> ``consistent with``
    3. passed                                               -> ``mixed`` (no rise to explain)
    4. z of [-3,-1], or of [-3,-1] minus [+1,+3], < -1.96,
       whichever way two legs combine                       -> ``contradicted`` (wrong sign, wrong order)
    5. [-3,-1] z > 1.96                                     -> ``mixed`` (some other condition fails)
    6. R (past minus future) z >= 1.96                      -> ``contradicted`` (the reverse holds)
    7. line 4 with one way of combining legs only           -> ``mixed``
    8. thin                                                 -> ``data too thin``
    9. everything else                                      -> ``mixed``

    Parameters
    ----------
    certificate : None where it was not run, or could not be.
    rise_shown : whether the pair's cooperation rose against the reference; None: not to be had.
    thin : whether the data are too few; None takes the certificate's own (no certificate: no).
    """
    return _judged(certificate, rise_shown, thin)[0]


def verdict_text(certificate: Certificate | None, rise_shown: bool | None, thin: bool | None = None) -> str:
    """Why :func:`verdict` says what it says: the line of the rule that applied, in a sentence."""
    return _judged(certificate, rise_shown, thin)[1]


_AMONG = "Among all pairs of states in these data, "


def _judged(certificate: Certificate | None, rise_shown: bool | None, thin: bool | None) -> tuple[str, str]:
    if certificate is None and thin:
        return (
            TOO_THIN,
            "These data could not show a difference of 10 % for a usual change of hostility (one standard deviation "
            "within pairs) even if there were one.",
        )
    if certificate is None:
        return NOT_CERTIFIED, "The certificate was not run: nothing here says what came first."
    if certificate.passed and rise_shown is True:
        return CONSISTENT, f"The data are consistent with the claim: every condition of the certificate holds. {SLOW}"
    if certificate.passed:
        return MIXED, "The certificate passes, but there is no clear rise of this pair's cooperation to explain."
    lag, order, now = certificate.lag, certificate.lag_minus_lead, certificate.now
    other = certificate.beside
    wrong_sign = lag.statistic < -Z_CLEAR
    wrong_order = order.statistic < -Z_CLEAR
    if wrong_sign and (other is None or other[0].statistic < -Z_CLEAR):
        return CONTRADICTED, f"{_AMONG}earlier hostility goes with less cooperation, not with more."
    if wrong_order and (other is None or other[1].statistic < -Z_CLEAR):
        return (
            CONTRADICTED,
            f"{_AMONG}the order of time is the wrong one: hostility that comes after cooperation goes with it more "
            "than hostility that comes before.",
        )
    if lag.statistic > Z_CLEAR:
        return (
            MIXED,
            f"{_AMONG}earlier hostility goes with more cooperation, but not every condition of the certificate holds.",
        )
    if certificate.reverse.statistic >= Z_CLEAR:
        return (
            CONTRADICTED,
            f"{_AMONG}earlier hostility is not followed by cooperation, while cooperation is followed by hostility: "
            "the reverse of the claim.",
        )
    together = "hostility and cooperation move together within one period, and " if now.statistic >= Z_CLEAR else ""
    if wrong_sign or wrong_order:
        found = "later hostility goes with it more than earlier" if wrong_order else "earlier hostility goes with less"
        return (
            MIXED,
            f"{_AMONG}{together}{found}; but this last is clear with one way of combining the hostility of two sides "
            "only. Nothing shows that hostility came first.",
        )
    if certificate.thin if thin is None else thin:
        return (
            TOO_THIN,
            "These data could not show a difference of 10 % for a usual change of earlier hostility (one standard "
            "deviation within pairs) even if there were one: that none is seen says nothing.",
        )
    if together:
        return (
            MIXED,
            f"{_AMONG}{together}hostility before that period adds nothing that can be seen. Which came first within "
            "the period is not known.",
        )
    return (
        MIXED,
        f"{_AMONG}earlier hostility may or may not go with more cooperation. A difference of "
        f"{_excluded(certificate)} % or more for a usual change of it (one standard deviation within pairs) can be "
        "excluded; a smaller one is neither shown nor excluded.",
    )


def _excluded(certificate: Certificate) -> str:
    """Upper end of the 95 % interval of [-3,-1], in per cent for one within-pair standard deviation."""
    lag = certificate.lag
    return f"{100 * np.expm1((lag.estimate + Z_CLEAR * lag.se) * certificate.within_sd):.1f}"


def reverse_claim(certificate: Certificate) -> Reverse:
    """The reverse of "hostility of third parties drives the two together", from R, over all third parties.

    ``leaning`` where it holds (past minus future), ``contradicted`` where past cooperation goes with less hostility,
    ``data too thin`` where R cannot be had, else ``mixed``.
    """
    past, future = certificate.reverse_terms
    contrast = certificate.reverse
    what = "hostility of third parties" if certificate.directed else "conflict with third parties"
    both = f"Before: z = {past.z:.1f}; afterwards: z = {future.z:.1f}."
    if isnan(contrast.statistic):
        said, both = TOO_THIN, ""
    elif past.z < -Z_CLEAR:
        said = CONTRADICTED
        both += " Past cooperation goes with less of it."
    elif not contrast.passed:
        said = LEANING
    else:
        said = MIXED
        if past.z > Z_CLEAR:
            both += " Cooperation goes with it both before and after: no order of time is seen."
    claim = f"Cooperation of two states draws {what} upon them."
    return Reverse(claim, past, future, contrast, said, f"{contrast.text} {both}".strip())

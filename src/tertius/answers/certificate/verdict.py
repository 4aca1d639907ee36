"""What a certificate lets an answer say: the verdict on the claim, why, and the reverse claim beside it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from tertius.answers.certificate.rule import WORTH_FINDING, Z_CLEAR, Certificate, Profile, Statistic
from tertius.answers.verdict import CONSISTENT, CONTRADICTED, LEANING, MIXED, NO_EFFECT, NOT_CERTIFIED, TOO_THIN
from tertius.language import Number, joined, say
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
    5. [-3,-1] z > 1.96                                     -> ``mixed`` (an effect, but some other condition fails);
       but ``no effect above`` where no order of time is shown, R does not hold and the bound is at most 10 %
    6. R (past minus future) z >= 1.96                      -> ``contradicted`` (the reverse holds)
    7. thin                                                 -> ``data too thin``
    8. the bound is at most the smallest effect worth
       finding, 10 %                                        -> ``no effect above`` the bound
    9. everything else                                      -> ``mixed`` (neither an effect nor its absence)

    Thin comes before the bound: where an effect of 10 % would be missed in one of five samples, a small bound is luck.
    Where earlier hostility goes with cooperation, but later hostility as much, what is seen is a common movement and no
    effect; as such a movement adds to the coefficient, the bound holds all the more.
    ``no effect above`` speaks of hostility one to three periods earlier and of all pairs.

    Parameters
    ----------
    certificate : None where it was not run, or could not be.
    rise_shown : whether the pair's cooperation rose against the reference; None: there is no interval.
    thin : whether the data are too few; None takes the certificate's own (no certificate: no).
    """
    return _judged(certificate, rise_shown, thin)[0]


def verdict_text(certificate: Certificate | None, rise_shown: bool | None, thin: bool | None = None) -> str:
    """Why :func:`verdict` says what it says: the line of the rule that applied, in a sentence."""
    return _judged(certificate, rise_shown, thin)[1]


_AMONG = say("Among all pairs of states in these data, ")


def _judged(certificate: Certificate | None, rise_shown: bool | None, thin: bool | None) -> tuple[str, str]:
    if certificate is None and thin:
        return (
            TOO_THIN,
            say(
                "These data could not show a difference of 10 % for a usual change of hostility (one standard "
                "deviation, net of pairs and of what each actor does in a period) even if there were one."
            ),
        )
    if certificate is None:
        return NOT_CERTIFIED, say("The certificate was not run: nothing here says what came first.")
    if certificate.passed and rise_shown is True:
        caveats = joined(certificate.caveats, " ")
        return (
            CONSISTENT,
            say(
                "The data are consistent with the claim: every condition of the certificate holds. {caveats}",
                caveats=caveats,
            ),
        )
    if certificate.passed:
        return MIXED, say("The certificate passes, but there is no clear rise of this pair's cooperation to explain.")
    return _against(certificate) or _unseen(certificate, certificate.thin if thin is None else thin)


def _against(certificate: Certificate) -> tuple[str, str] | None:
    """Lines 4 to 6: what a certificate that did not pass shows; None where it shows nothing either way."""
    lag, order, other = certificate.lag, certificate.lag_minus_lead, certificate.beside
    if lag.statistic < -Z_CLEAR and (other is None or other[0].statistic < -Z_CLEAR):
        return CONTRADICTED, say("{among}earlier hostility goes with less cooperation, not with more.", among=_AMONG)
    if order.statistic < -Z_CLEAR and (other is None or other[1].statistic < -Z_CLEAR):
        return (
            CONTRADICTED,
            say(
                "{among}the order of time is the wrong one: hostility that comes after cooperation goes with it "
                "more than hostility that comes before.",
                among=_AMONG,
            ),
        )
    small = certificate.bound <= np.expm1(WORTH_FINDING)
    at_once = certificate.now.statistic >= Z_CLEAR
    if lag.statistic > Z_CLEAR and order.statistic <= order.threshold and certificate.reverse.passed and small:
        return (
            NO_EFFECT,
            say(
                "{among}earlier hostility goes with more cooperation, but not clearly more than later hostility does: "
                "they move together, and which comes first is not seen. If there is an effect all the same, a usual "
                "change of hostility one to three periods earlier (one standard deviation, net of pairs and of what "
                "each actor does in a period) raises cooperation by {bound:.1f} % at most (one-sided, 95 %).{same}",
                among=_AMONG,
                bound=100 * certificate.bound,
                same=say(" How the two move within one period is not in that bound.") if at_once else "",
            ),
        )
    if lag.statistic > Z_CLEAR:
        return (
            MIXED,
            say(
                "{among}earlier hostility goes with more cooperation, but not every condition of the certificate "
                "holds.",
                among=_AMONG,
            ),
        )
    if certificate.reverse.statistic >= Z_CLEAR:
        return (
            CONTRADICTED,
            say(
                "{among}earlier hostility is not followed by cooperation, while cooperation is followed by "
                "hostility: the reverse of the claim.",
                among=_AMONG,
            ),
        )
    return None


def _unseen(certificate: Certificate, thin: bool) -> tuple[str, str]:
    """Lines 7 to 9: no effect of earlier hostility is seen, and the reverse is not either."""
    if thin:
        return (
            TOO_THIN,
            say(
                "These data could not show a difference of 10 % for a usual change of earlier hostility (one standard "
                "deviation, net of pairs and of what each actor does in a period) even if there were one: that none is "
                "seen says nothing."
            ),
        )
    together = ""
    if certificate.now.statistic >= Z_CLEAR:
        together = say(
            " Hostility and cooperation do move together within one period; which comes first there is not known, and "
            "one story may have been coded as both."
        )
    at_most = Number(f"{100 * certificate.bound:.1f} %")
    if certificate.bound <= np.expm1(WORTH_FINDING):
        return (
            NO_EFFECT,
            say(
                "{among}cooperation does not clearly follow hostility. A usual change of hostility one to three "
                "periods earlier (one standard deviation, net of pairs and of what each actor does in a period) raises "
                "it by {at_most} at most; anything larger would have shown (one-sided, 95 %).{together}",
                among=_AMONG,
                at_most=at_most,
                together=together,
            ),
        )
    return (
        MIXED,
        say(
            "{among}earlier hostility may or may not go with more cooperation: the data leave anything possible from "
            "no effect to {at_most} for a usual change of hostility (one standard deviation, net of pairs and of what "
            "each actor does in a period).{together}",
            among=_AMONG,
            at_most=at_most,
            together=together,
        ),
    )


def reverse_claim(certificate: Certificate) -> Reverse:
    """The reverse of "hostility of third parties drives the two together", from R, over all third parties.

    ``leaning`` where it holds (past minus future), ``contradicted`` where past cooperation goes with less hostility,
    ``data too thin`` where R could not be estimated, else ``mixed``.
    """
    past, future = certificate.reverse_terms
    contrast = certificate.reverse
    what = say("hostility of third parties") if certificate.directed else say("conflict with third parties")
    both = say("Before: z = {z:.1f}; afterwards: z = {z2:.1f}.", z=past.z, z2=future.z)
    if isnan(contrast.statistic):
        said, both = TOO_THIN, ""
    elif past.z < -Z_CLEAR:
        said = CONTRADICTED
        both += say(" Past cooperation goes with less of it.")
    elif not contrast.passed:
        said = LEANING
    else:
        said = MIXED
        if past.z > Z_CLEAR:
            both += say(" Cooperation goes with it both before and after: no order of time is seen.")
    claim = say("Cooperation of two states draws {what} upon them.", what=what)
    return Reverse(claim, past, future, contrast, said, joined((contrast.text, both)).strip())

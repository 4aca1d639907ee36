"""Worlds in which the truth about third parties is known: what the certificate passes, and what it must not pass.

Cooperation ``C[t, i, j]`` is symmetric, hostility ``H[t, k, i]`` directed, both counts by period.

=============  ========================================================================================
planted        hostility of k towards i and j raises the cooperation of i and j, with the past's decay
saturating     the same up to half a standard deviation of exposure; more changes nothing
heavy_tails    the same with noise of infinite variance
quick          the same, within the period and the next
late           the same, 6 to 12 periods later
few_pairs      the same, for a tenth of the pairs
=============  ========================================================================================

and those in which the claim is false:

=============  ========================================================================================
reverse        k turns on two of its rivals when these cooperate more than they used to
shock          crises: k's hostility towards five rivals and the rivals' cooperation rise together, end together
popularity     one wave of attention carries an actor's cooperation and the hostility it receives
nothing        neither moves the other
slow_shock     as shock, but the cooperation outlives the hostility by a year: it looks like a direction
staggered      as slow_shock, but k turns on its rivals one after the other
announced      two rivals of k agree on a treaty; k turns on both at once, the treaty follows three months later
season         k exercises in one month of every year, its rivals hold their summits two months later
triangle       what is reported of i and j, of either sign, swells after hostility of a third party towards both
=============  ========================================================================================

Two generators, so that no rule is tuned to one: :mod:`tertius.worlds.counts` draws counts by period,
:mod:`tertius.worlds.media` stories by day, and never sees a period (``heavy_tails`` exists in the first only: reports
have heavy tails in the second as it is). Three more worlds exist in ``media`` only; there each row carries its story:

=============  ========================================================================================
one_story      nothing, but a third of the hostile stories with two targets also code cooperation of the two
story_echo     the same, and that cooperation is repeated over the next three months, three times on average
planted_story  planted, with the coding of one_story
=============  ========================================================================================

``effect`` is in log points for each standard deviation of the exposure, in log cooperation (true worlds), in how often
the pair is reported (triangle) or in log hostility (reverse, for each unit of the rivals' log deviation from their own
past). Everything follows from the seed.
"""

from tertius.worlds.media import STORY_WORLDS, Rows
from tertius.worlds.world import (
    EFFECT,
    FALSE_WORLDS,
    GENERATORS,
    TRUE_WORLDS,
    WORLDS,
    World,
    possible_worlds,
    slices_of,
    world,
)

__all__ = [
    "EFFECT",
    "FALSE_WORLDS",
    "GENERATORS",
    "STORY_WORLDS",
    "TRUE_WORLDS",
    "WORLDS",
    "Rows",
    "World",
    "possible_worlds",
    "slices_of",
    "world",
]

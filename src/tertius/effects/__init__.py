"""Effects: pure functions of the past, (C, H) -> (N, N), and their registry."""

from tertius.effects.registry import EFFECTS, Effect, EffectColumn, PastView, columns, default_effects

__all__ = ["EFFECTS", "Effect", "EffectColumn", "PastView", "columns", "default_effects"]

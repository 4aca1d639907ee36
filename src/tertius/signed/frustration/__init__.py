"""The frustration index of a signed graph, exact, with a proof that is checked apart."""

from tertius.signed.frustration.solve import Frustration, frustration, recheck

__all__ = ["Frustration", "frustration", "recheck"]

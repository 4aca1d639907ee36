"""Sources: one file an origin, each a :class:`~tertius.sources.format.Format`; the rules that all rows pass."""

"""What comes next, as distributions, and how they score on periods not seen."""

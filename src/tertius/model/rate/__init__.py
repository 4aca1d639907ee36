"""The rate model: one slice, a sample of the risk set or of slices, and the fit."""

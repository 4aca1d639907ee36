"""The within-pair model: cells, demeaning, the fit, what is built on it, and the model of a history."""

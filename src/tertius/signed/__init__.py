"""Structural balance: signed graphs of a window, triads, frustration with proof, camps over time, isolation."""

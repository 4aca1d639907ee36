"""Answers for people: charts, one self-contained page, and tables for the terminal."""

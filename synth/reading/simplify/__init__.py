"""Simplification of programs: small passes, each from a candidate to one that does the same with less."""

"""Regularized evolution: an island's population, its rounds, and what passes between islands."""

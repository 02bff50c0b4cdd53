"""Regularized evolution in islands, and what makes it effective."""

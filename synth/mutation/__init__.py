"""Mutations, as libcst transforms on a known path."""

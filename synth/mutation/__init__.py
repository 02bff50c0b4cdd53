"""Mutations: edits of a program, applied to its packed code or to its libcst module."""

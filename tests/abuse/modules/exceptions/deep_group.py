"""Raises a deeply nested group of exceptions.

expect: failed ExceptionGroup
"""
error = ValueError("x")
for _ in range(100_000):
    error = ExceptionGroup("x", [error])
raise error

"""Raises an exception that is its own cause.

expect: failed ValueError: round
"""
error = ValueError("round")
error.__cause__ = error.__context__ = error
raise error

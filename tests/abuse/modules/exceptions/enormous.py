"""Raises an exception with 100 MB of text.

expect: failed ValueError: xxx
"""
raise ValueError("x" * 100_000_000)

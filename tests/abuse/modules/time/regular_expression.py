"""Matches an expression that backtracks without end.

expect: timeout did not finish within 1 seconds
"""
import re

re.match(r"(a+)+$", "a" * 60 + "b")

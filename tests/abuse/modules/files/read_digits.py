"""Reads the digits inside the scikit-learn package.

expect: failed PermissionError
"""
open(DIGITS, "rb").read()

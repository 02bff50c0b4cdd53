"""Computes a number that has too many digits.

expect: timeout did not finish within 1 seconds
"""
9**9**9

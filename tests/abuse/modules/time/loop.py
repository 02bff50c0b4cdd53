"""Loops in Python.

expect: timeout did not finish within 1 seconds
"""
while True:
    pass

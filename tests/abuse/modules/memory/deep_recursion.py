"""Calls itself without end.

expect: failed RecursionError
"""
def deeper():
    deeper()


deeper()

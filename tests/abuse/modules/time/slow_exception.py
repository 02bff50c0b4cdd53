"""Raises an exception that takes for ever to describe.

expect: timeout did not finish within 1 seconds
"""
class Slow(Exception):
    def __str__(self):
        while True:
            pass


raise Slow

"""Loops in C, where no signal handler of Python would run.

expect: timeout did not finish within 1 seconds
"""
sum(range(10**15))

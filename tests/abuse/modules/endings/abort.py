"""Aborts.

expect: crashed signal
"""
os.abort()

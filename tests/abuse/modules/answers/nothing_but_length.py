"""Announces a header of 4 GB.

expect: failed something that is not a prediction
"""
answer(b"\xff\xff\xff\xff")

"""Answers with garbage.

expect: failed something that is not a prediction
"""
answer(b"\xff" * 100)

"""Answers with garbage.

expect: failed something that is no prediction
"""
answer(b"\xff" * 100)

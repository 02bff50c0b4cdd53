"""Answers with JSON that is nested too deeply.

expect: failed something that is not a prediction
"""
answer(b"\x40\x9c\0\0" + b"[" * 40_000)

"""Answers with an error of a megabyte of line ends.

expect: failed something that is not a prediction
"""
answer(frame({"status": "failed", "error": "\n\x1b[31m" * 200_000}))

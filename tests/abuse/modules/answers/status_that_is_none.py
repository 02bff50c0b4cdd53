"""Answers with a status that there is not.

expect: failed something that is no prediction
"""
answer(frame({"status": "timeout", "error": "x"}))

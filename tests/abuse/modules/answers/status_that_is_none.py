"""Answers with a status that there is not.

expect: failed something that is not a prediction
"""
answer(frame({"status": "timeout", "error": "x"}))

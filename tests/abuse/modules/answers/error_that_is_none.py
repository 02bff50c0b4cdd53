"""Answers with an error that is no text.

expect: failed something that is not a prediction
"""
answer(frame({"status": "failed", "error": {"a": []}}))

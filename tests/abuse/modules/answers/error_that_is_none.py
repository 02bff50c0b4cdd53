"""Answers with an error that is no text.

expect: failed something that is no prediction
"""
answer(frame({"status": "failed", "error": {"a": []}}))

"""Answers with a byte too many.

expect: failed something that is not a prediction
"""
answer(frame({"status": "ok"}, np.zeros((1, 20)), np.zeros(0)) + b"x")

"""Predicts integers.

expect: failed something that is not a prediction
"""
answer(frame({"status": "ok"}, np.zeros((1, 20), dtype=int), np.zeros(0)))

"""Predicts twice, so that the better one counts.

expect: failed something that is not a prediction
"""
answer(frame({"status": "ok"}, np.zeros((2, 20)), np.zeros(0)))

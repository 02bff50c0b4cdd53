"""Predicts nan and infinity, which fail.

expect: ok zero
"""
answer(frame({"status": "ok"}, np.full((1, 20), np.nan), np.zeros(0)))

"""Predicts more examples than there are.

expect: failed something that is not a prediction
"""
answer(frame({"status": "ok"}, np.zeros((1, 21)), np.zeros(0)))

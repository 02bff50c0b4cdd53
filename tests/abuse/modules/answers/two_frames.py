"""Answers twice, for the module that follows.

expect: failed something that is not a prediction
"""
answer(2 * frame({"status": "ok"}, np.zeros((1, 20)), np.zeros(0)))

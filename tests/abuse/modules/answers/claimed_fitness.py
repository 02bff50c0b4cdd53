"""Claims a fitness of its own beside predictions that are all zero.

expect: ok other
"""
answer(frame({"status": "ok", "fitness": 1.0, "per_task": [1.0]}, np.zeros((1, 20)), np.zeros(0)))

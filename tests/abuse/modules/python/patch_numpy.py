"""Replaces functions of numpy.

expect: ok other
"""
np.exp = np.dot = lambda *_, **__: 1.0
np.random.seed(7)

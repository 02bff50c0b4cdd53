"""Changes its functions while they run.

expect: ok other
"""
first = predict


def predict(m):
    predict.__code__ = learn.__code__
    m.s1 = 0.0


def learn(m):
    learn.__code__ = predict.__code__

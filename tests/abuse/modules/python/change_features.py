"""Changes the number of features while running.

expect: failed AttributeError
"""
def learn(m):
    m.F = 10**9

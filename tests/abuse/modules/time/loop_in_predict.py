"""Loops when it is asked for a prediction.

expect: timeout did not finish within 1 seconds
"""
def predict(m):
    while True:
        m.s1 = m.s1 + 1.0

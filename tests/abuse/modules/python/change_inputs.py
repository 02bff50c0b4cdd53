"""Writes into the features and labels that it is given.

expect: ok other
"""
def learn(m):
    m.v0[:] = 7.0
    m.__dict__["s0"] = 7.0

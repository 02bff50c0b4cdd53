"""Changes the memory's attributes while running.

expect: failed AttributeError
"""
def learn(m):
    m.__class__ = dict

"""Ends in the middle of training.

expect: crashed exit code 0
"""
def learn(m):
    os._exit(0)

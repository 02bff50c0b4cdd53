"""Leaves an object behind whose deletion never ends.

expect: timeout did not finish within 1 seconds
"""
class Slow:
    def __del__(self):
        while True:
            pass


slow = Slow()
del slow

"""Calls itself without end, with the limit lifted.

expect: crashed
"""
sys.setrecursionlimit(1 << 30)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")


Deep().x

"""Builds a structure so deep that looking at it or freeing it overflows the stack.

expect: ok
"""
deep = []
for _ in range(1_000_000):
    deep = [deep]
del deep

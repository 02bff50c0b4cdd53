"""Prints 100 MB.

expect: ok
"""
for _ in range(100):
    print("x" * 1_000_000)

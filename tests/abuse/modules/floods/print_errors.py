"""Prints 100 MB to standard error.

expect: ok
"""
for _ in range(100):
    sys.stderr.write("x" * 1_000_000)

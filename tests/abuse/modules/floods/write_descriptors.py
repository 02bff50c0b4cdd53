"""Writes past Python to the standard descriptors.

expect: ok
"""
for number in (0, 1, 2):
    os.write(number, b"x" * 1_000_000)

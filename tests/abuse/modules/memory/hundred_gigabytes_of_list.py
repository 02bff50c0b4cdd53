"""Takes 100 GB as a list.

expect: crashed MemoryError
"""
[0] * (100 << 27)

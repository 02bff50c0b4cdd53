"""Takes 100 GB at once.

expect: crashed MemoryError
"""
np.zeros(100 << 27)

"""Takes memory bit by bit, and uses some of each (12 GB, should it ever succeed).

expect: crashed MemoryError
"""
for _ in range(96):
    kept.append(np.zeros(1 << 24))
    kept[-1][: 1 << 20] = 1.0

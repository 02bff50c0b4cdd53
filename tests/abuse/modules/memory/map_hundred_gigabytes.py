"""Maps 100 GB.

expect: failed OSError: [Errno 12]
"""
map_memory(100 << 30, 3)

"""Makes a file in memory.

expect: failed PermissionError
"""
os.memfd_create("x")

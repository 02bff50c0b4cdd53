"""Sets a file's times.

expect: failed PermissionError
"""
os.utime(SECRET, (0, 0))

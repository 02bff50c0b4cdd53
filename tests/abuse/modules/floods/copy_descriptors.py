"""Opens descriptors without end.

expect: failed PermissionError
"""
while True:
    os.dup(3)

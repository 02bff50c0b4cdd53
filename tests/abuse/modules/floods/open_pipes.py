"""Opens pipes without end.

expect: failed PermissionError
"""
while True:
    os.pipe()

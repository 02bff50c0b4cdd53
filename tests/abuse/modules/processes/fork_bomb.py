"""Forks again and again, in the children too (six times, should it ever succeed).

expect: failed PermissionError
"""
for _ in range(6):
    os.fork()
time.sleep(3)

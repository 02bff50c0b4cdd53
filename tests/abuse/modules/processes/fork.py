"""Forks.

expect: failed PermissionError
"""
if os.fork() == 0:
    time.sleep(5)
    os._exit(0)

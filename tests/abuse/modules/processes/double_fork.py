"""Leaves the session, to live on when the worker is ended.

expect: failed PermissionError
"""
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(5)
    os._exit(0)

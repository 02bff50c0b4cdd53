"""Ends itself by a signal.

expect: failed PermissionError
"""
os.kill(os.getpid(), 9)

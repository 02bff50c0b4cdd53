"""Ends the worker.

expect: failed PermissionError
"""
os.kill(os.getppid(), 9)

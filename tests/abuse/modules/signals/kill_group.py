"""Ends its process group, the worker with it.

expect: failed PermissionError
"""
os.killpg(0, 9)

"""Ends the process as if all were well.

expect: crashed exit code 0
"""
os._exit(0)

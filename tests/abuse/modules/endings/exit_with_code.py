"""Ends the process with a code that the worker uses itself.

expect: crashed exit code 10
"""
os._exit(10)

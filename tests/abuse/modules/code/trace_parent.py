"""Traces the worker.

expect: failed PermissionError
"""
syscall("ptrace", 16, os.getppid(), 0, 0)

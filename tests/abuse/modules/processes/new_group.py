"""Leads a process group of its own.

expect: failed PermissionError
"""
os.setpgid(0, 0)

"""Asks where the interpreter lies.

expect: failed PermissionError
"""
os.readlink("/proc/self/exe")

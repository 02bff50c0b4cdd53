"""Reads the list of users.

expect: failed PermissionError
"""
open("/etc/passwd").read()

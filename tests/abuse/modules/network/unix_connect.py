"""Connects to a socket in the file system.

expect: failed PermissionError
"""
socket.socket(socket.AF_UNIX).connect(UNIX)

"""Connects to a socket that has no file.

expect: failed PermissionError
"""
socket.socket(socket.AF_UNIX).connect(ABSTRACT)

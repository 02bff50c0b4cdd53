"""Becomes another user.

expect: failed PermissionError
"""
os.setresuid(12345, 12345, 12345)

"""Looks whether it could signal every process (signal 0 does no harm).

expect: failed PermissionError
"""
os.kill(-1, 0)

"""Lets everybody write a file.

expect: failed PermissionError
"""
os.chmod(SECRET, 0o777)

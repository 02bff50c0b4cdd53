"""Ends another process of the user.

expect: failed PermissionError
"""
os.kill(SIBLING, 9)

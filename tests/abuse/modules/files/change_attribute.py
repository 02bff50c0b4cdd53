"""Sets an extended attribute.

expect: failed PermissionError
"""
os.setxattr(SECRET, "user.synth", b"1")

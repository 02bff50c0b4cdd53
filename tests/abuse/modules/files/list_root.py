"""Lists the root of the file system.

expect: failed PermissionError
"""
os.listdir("/")

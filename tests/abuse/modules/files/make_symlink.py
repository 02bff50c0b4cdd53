"""Makes a symbolic link.

expect: failed PermissionError
"""
os.symlink("/etc/passwd", FOLDER + "/link")

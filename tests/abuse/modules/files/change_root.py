"""Changes the root, then the folder.

expect: failed PermissionError
"""
os.chroot(FOLDER)

"""Makes a device, as only root can.

expect: failed PermissionError
"""
os.mknod(FOLDER + "/device", 0o020666, os.makedev(1, 1))

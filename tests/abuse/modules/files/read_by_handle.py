"""Opens a file by its handle, past all paths, as only root can.

expect: failed PermissionError
"""
syscall("open_by_handle_at", -100, 0, 0)

"""Opens a file by a younger call for the same.

expect: failed PermissionError
"""
how = ctypes.create_string_buffer(24)
syscall("openat2", -100, address(SECRET), ctypes.addressof(how), 24)

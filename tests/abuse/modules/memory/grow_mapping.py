"""Grows a mapping without end.

expect: failed OSError: [Errno 12]
"""
place, size = map_memory(4096, 3), 4096
libc.mremap.restype = ctypes.c_void_p
while size < 1 << 40:
    place = checked(libc.mremap(ctypes.c_void_p(place), ctypes.c_size_t(size), ctypes.c_size_t(2 * size), 1))
    size *= 2

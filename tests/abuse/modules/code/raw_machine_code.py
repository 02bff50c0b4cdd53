"""Writes machine code and makes it executable (a plain return, should it succeed).

expect: failed PermissionError
"""
place = map_memory(4096, 3)
ctypes.memmove(place, CODE, len(CODE))
syscall("mprotect", place, 4096, 5)
ctypes.CFUNCTYPE(None)(place)()

"""Makes memory executable by the other call for it.

expect: failed PermissionError
"""
syscall("pkey_mprotect", map_memory(4096, 3), 4096, 5, -1)

"""Makes all memory that can be read executable.

expect: failed PermissionError
"""
syscall("personality", 0x0400000)

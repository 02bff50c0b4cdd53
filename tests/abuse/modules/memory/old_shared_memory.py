"""Makes memory that outlives the process.

expect: failed PermissionError
"""
syscall("shmget", 0x53594E54, 4096, 0o1600)

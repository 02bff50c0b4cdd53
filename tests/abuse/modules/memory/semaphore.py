"""Makes a semaphore that outlives the process.

expect: failed PermissionError
"""
syscall("semget", 0x53594E54, 1, 0o1600)

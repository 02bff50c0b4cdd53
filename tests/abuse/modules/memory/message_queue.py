"""Makes a queue that outlives the process.

expect: failed PermissionError
"""
syscall("msgget", 0x53594E54, 0o1600)

"""Opens the kernel's counters.

expect: failed PermissionError
"""
syscall("perf_event_open", address(bytes(128)), 0, -1, -1, 0)

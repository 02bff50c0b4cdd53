"""Sends a signal with data.

expect: failed PermissionError
"""
queued = (-1).to_bytes(4, "little", signed=True)
syscall("rt_sigqueueinfo", SIBLING, 9, address(bytes(8) + queued + bytes(116)))

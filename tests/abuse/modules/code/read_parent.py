"""Reads the command's memory by a call.

expect: failed PermissionError
"""
buffer = ctypes.create_string_buffer(16)
ours = (ctypes.c_uint64 * 2)(ctypes.addressof(buffer), 16)
theirs = (ctypes.c_uint64 * 2)(id(np), 16)
syscall("process_vm_readv", SYNTH, ctypes.addressof(ours), 1, ctypes.addressof(theirs), 1, 0)

"""Writes into the worker's memory by a call.

expect: failed PermissionError
"""
ours = (ctypes.c_uint64 * 2)(id(np), 1)
syscall("process_vm_writev", os.getppid(), ctypes.addressof(ours), 1, ctypes.addressof(ours), 1, 0)

"""Makes a process by the call whose flags no filter can see.

expect: failed OSError
"""
arguments = (ctypes.c_uint64 * 11)()
arguments[4] = 17
if syscall("clone3", ctypes.addressof(arguments), 88) == 0:
    os._exit(0)

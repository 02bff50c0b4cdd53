"""Overwrites machine code in its place.

expect: crashed SIGSEGV
"""
ctypes.memmove(ctypes.cast(ctypes.pythonapi.PyObject_Repr, ctypes.c_void_p).value, CODE, 1)

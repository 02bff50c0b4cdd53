"""Overflows the stack in C.

expect: crashed
"""
sys.setrecursionlimit(1 << 30)
callback = ctypes.CFUNCTYPE(None)(lambda: callback())
callback()

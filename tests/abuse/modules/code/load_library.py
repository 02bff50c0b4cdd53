"""Loads a library that Python has not loaded.

expect: failed OSError
"""
ctypes.CDLL("libresolv.so.2")

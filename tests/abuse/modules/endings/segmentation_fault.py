"""Reads memory that is not there.

expect: crashed SIGSEGV
"""
ctypes.string_at(0)

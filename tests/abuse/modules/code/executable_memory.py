"""Asks for memory that is writable and executable.

expect: failed PermissionError
"""
map_memory(4096, 7)

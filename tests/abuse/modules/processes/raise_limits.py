"""Lifts its limits.

expect: failed PermissionError
"""
address_space = 9
checked(libc.setrlimit(address_space, address(b"\xff" * 16)))

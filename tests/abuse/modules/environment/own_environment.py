"""Reads its environment by /proc.

expect: failed PermissionError
"""
open("/proc/self/environ").read()

"""Overwrites its own read-only memory by /proc.

expect: failed PermissionError
"""
open("/proc/self/mem", "r+b")

"""Opens the worker's memory as a file.

expect: failed PermissionError
"""
open(f"/proc/{os.getppid()}/mem", "rb")

"""Reads synth's own code of tasks.

expect: failed PermissionError
"""
open(TEACHERS).read()

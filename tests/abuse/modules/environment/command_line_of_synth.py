"""Reads the command line of the command by /proc.

expect: failed PermissionError
"""
open(f"/proc/{SYNTH}/cmdline").read()

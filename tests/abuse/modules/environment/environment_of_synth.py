"""Reads the command's environment by /proc.

expect: failed PermissionError
"""
open(f"/proc/{SYNTH}/environ").read()

"""Raises what the command takes for a reader that has gone.

expect: failed BrokenPipeError
"""
raise BrokenPipeError

"""Raises an exception whose name holds a line end and an escape.

expect: failed Na me
"""
raise type("Na\n\x1bme", (Exception,), {})

"""Replaces builtins.

expect: ok other
"""
import builtins

builtins.abs = lambda _: 0
builtins.open = builtins.compile = builtins.print = None

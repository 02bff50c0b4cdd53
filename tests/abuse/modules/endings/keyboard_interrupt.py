"""Pretends that the user pressed Ctrl-C.

expect: failed KeyboardInterrupt
"""
raise KeyboardInterrupt

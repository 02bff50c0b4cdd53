"""Replaces what Python calls for exceptions, exits and tracing.

expect: failed ValueError: hooked
"""
import atexit

sys.excepthook = sys.unraisablehook = lambda *_: os._exit(0)
atexit.register(os._exit, 0)
sys.settrace(lambda *_: None)
raise ValueError("hooked")

"""Ends the command itself.

expect: failed PermissionError
"""
os.kill(SYNTH, 9)

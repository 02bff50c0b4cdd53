"""Stops the command.

expect: failed PermissionError
"""
os.kill(SYNTH, 19)

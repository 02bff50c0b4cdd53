"""Raises the worker's own error.

expect: failed SandboxUnavailable
"""
from synth.errors import SandboxUnavailable

raise SandboxUnavailable("use --sandbox off")

"""Raises the engine's own exception, with a status that there is not.

expect: failed something that is no prediction
"""
from synth.engine.python.module import Unusable

raise Unusable("ok", "well done")

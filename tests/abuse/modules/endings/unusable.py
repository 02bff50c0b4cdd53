"""Raises the engine's own exception, with a status that there is not.

expect: failed something that is not a prediction
"""
from synth.engine.python.module import Unusable

raise Unusable("ok", "well done")

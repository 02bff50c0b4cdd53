"""Replaces the random source, then draws.

expect: ok
"""
import synth.language.random_source as source

for name in dir(source):
    if callable(getattr(source, name)):
        setattr(source, name, lambda *_, **__: 0.5)
np.random.seed(0)
random.seed(0)

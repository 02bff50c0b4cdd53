"""Raises what ends generators.

expect: failed GeneratorExit
"""
raise GeneratorExit

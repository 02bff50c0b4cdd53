"""Imports synth's tasks.

expect: failed ModuleNotFoundError
"""
import synth.tasks.teachers

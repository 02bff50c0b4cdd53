"""Looks for a secret in the environment.

expect: failed LookupError
"""
if not any(MARK in value for value in os.environ.values()):
    raise LookupError("not there")

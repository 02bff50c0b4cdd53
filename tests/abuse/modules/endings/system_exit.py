"""Raises SystemExit.

expect: crashed SystemExit
"""
sys.exit(0)

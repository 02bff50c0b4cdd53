"""Leads a session of its own, which a signal to the worker's group would miss.

expect: failed PermissionError
"""
os.setsid()

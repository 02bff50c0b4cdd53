"""Sleeps, using no processor time.

expect: timeout did not finish within 1 seconds
"""
time.sleep(1000)

"""Closes its pipe, as if it were done, and goes on.

expect: crashed signal 9
"""
os.close(3)
time.sleep(1000)

"""Sends its answer so slowly that it never ends.

expect: timeout did not finish within 1 seconds
"""
while True:
    os.write(3, b"x")
    time.sleep(0.05)

"""Catches whatever might end it and goes on.

expect: timeout did not finish within 1 seconds
"""
while True:
    try:
        while True:
            raise KeyboardInterrupt
    except BaseException:
        continue

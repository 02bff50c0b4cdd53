"""Ignores every signal that can be ignored, which changes nothing.

expect: ok
"""
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        continue

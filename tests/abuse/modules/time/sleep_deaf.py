"""Sleeps, deaf to every signal.

expect: timeout did not finish within 1 seconds
"""
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        continue
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
time.sleep(1000)

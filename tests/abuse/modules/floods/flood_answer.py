"""Floods the channel of its answer.

expect: failed something that is no prediction
"""
while True:
    os.write(3, b"\0" * 1_000_000)

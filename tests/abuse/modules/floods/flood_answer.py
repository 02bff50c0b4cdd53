"""Floods the channel of its answer.

expect: failed something that is not a prediction
"""
while True:
    os.write(3, b"\0" * 1_000_000)

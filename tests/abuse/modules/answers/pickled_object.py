"""Announces an array of Python objects.

expect: failed something that is not a prediction
"""
text = b'{"header":{"status":"ok"},"arrays":[["|O",[1,20]],["<f8",[0]]]}'
answer(len(text).to_bytes(4, "little") + text + bytes(160))

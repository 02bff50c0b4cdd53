"""Announces predictions of 2000 TB.

expect: failed something that is not a prediction
"""
text = b'{"header":{"status":"ok"},"arrays":[["<f8",[281474976710655]],["<f8",[0]]]}'
answer(len(text).to_bytes(4, "little") + text)

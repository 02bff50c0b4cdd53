"""Announces fewer than no predictions.

expect: failed something that is not a prediction
"""
text = b'{"header":{"status":"ok"},"arrays":[["<f8",[-1,20]],["<f8",[0]]]}'
answer(len(text).to_bytes(4, "little") + text)

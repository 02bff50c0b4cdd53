"""Raises through every frame, to go on as the worker.

expect: failed GeneratorExit
"""
def predict(m):
    frame = sys._getframe()
    while frame:
        frame.f_locals.clear()
        frame = frame.f_back
    raise GeneratorExit

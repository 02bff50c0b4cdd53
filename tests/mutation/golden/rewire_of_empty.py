# flags: rewire --setup-ops 56,62,63,64 --predict-ops 1,3,18,23,27,31 --learn-ops 1,2,3,18,23,28,39 --refused 'nothing to change'
"""Nothing."""

import numpy as np


def setup(m):
    pass


def predict(m):
    pass


def learn(m):
    pass

# output
"""Nothing."""

import numpy as np


def setup(m):
    pass


def predict(m):
    pass


def learn(m):
    pass

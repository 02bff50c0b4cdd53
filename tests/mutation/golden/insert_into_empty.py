# flags: insert --predict-ops 27 --seed 2
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
    m.s4 = np.dot(m.v0, m.v0)


def learn(m):
    pass

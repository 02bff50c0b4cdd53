# flags: alter_parameter --setup-ops 56
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

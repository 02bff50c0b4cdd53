"""Imports scikit-learn, which would bring the data with it.

expect: failed ModuleNotFoundError
"""
from sklearn.datasets import load_digits

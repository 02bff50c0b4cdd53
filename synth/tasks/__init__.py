"""Data sets, splits and the tasks made of them."""

"""Where examples come from: CIFAR-10, digits, arrays of a user; download and cache."""

"""The python engine: runs a module's real text, in a confined child, one example at a time."""

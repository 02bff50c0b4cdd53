"""The two engines: python runs the module itself, native a lockstep machine traced from the op table."""

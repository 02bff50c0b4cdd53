"""The native engine: many tasks in lockstep on a machine traced from the op table to LLVM; here what runs."""

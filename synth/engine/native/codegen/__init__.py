"""What writes machine code: op table in, LLVM modules and the layouts of their records out."""

"""What a candidate may say: op table, memory, candidates, parsing, static analysis."""

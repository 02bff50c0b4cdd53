"""What people do with programs they found: simplify, compare and explain them, see where they come from."""

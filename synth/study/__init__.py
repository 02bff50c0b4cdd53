"""What people do with programs: evaluate, simplify, compare, explain, mutate and export them."""

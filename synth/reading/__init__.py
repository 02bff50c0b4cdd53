"""What a program does: values and their flow, techniques, roles, names, simplification."""

"""The text that is copied into users' modules; it imports nothing of synth."""

"""What a person sees: terminal display and plain lines."""

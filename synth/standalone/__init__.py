"""The text that is copied into users' modules, and what puts it there and finds it again."""

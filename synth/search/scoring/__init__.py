"""What a program is worth: on search tasks, on selection tasks, with tuned constants."""

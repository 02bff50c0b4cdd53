"""The commands of the command line, one file each: options, a call, and printing; no logic."""

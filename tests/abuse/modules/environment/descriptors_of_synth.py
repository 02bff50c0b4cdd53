"""Lists the command's descriptors by /proc.

expect: failed PermissionError
"""
os.listdir(f"/proc/{SYNTH}/fd")

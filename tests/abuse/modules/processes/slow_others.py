"""Takes the processors away from the parent.

expect: failed PermissionError
"""
os.sched_setaffinity(SYNTH, {0})

"""Sends a signal by a descriptor of the process.

expect: failed PermissionError
"""
signal.pidfd_send_signal(os.pidfd_open(SIBLING), 9)

"""Waits for a lock that it holds itself.

expect: timeout did not finish within 1 seconds
"""
import threading

lock = threading.Lock()
lock.acquire()
lock.acquire()

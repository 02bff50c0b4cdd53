"""Starts a thread.

expect: failed RuntimeError
"""
import threading

threading.Thread(target=time.sleep, args=(60,)).start()

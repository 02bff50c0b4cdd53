"""Changes settings of the interpreter.

expect: ok
"""
import gc

sys.setrecursionlimit(10_000)
sys.setswitchinterval(100.0)
sys.dont_write_bytecode = True
sys.set_int_max_str_digits(0)
gc.disable()
np.seterr(all="raise")
os.environ["OPENBLAS_NUM_THREADS"] = "64"

"""How wide MKL's vectors are, where its user may say so.

MKL, with which PyTorch multiplies matrices, uses vectors of 512 bits on Intel's processors. On others it uses 256,
and listens to MKL_ENABLE_INSTRUCTIONS only once it takes the processor for Intel's, which its function
mkl_serv_intel_cpu_true says. With ATTNBENCH_MKL_AS_INTEL=1 that function is made to say so: six bytes of machine
code in this process. It must be called before MKL multiplies for the first time.
"""

import ctypes
import glob
import mmap
import os
import platform

RETURN_1 = b"\xb8\x01\x00\x00\x00\xc3"
"""mov eax, 1; ret"""


def as_told(torch):
    """Does what the variable says; returns what results tell about it. Raises RuntimeError where it cannot."""
    if os.environ.get("ATTNBENCH_MKL_AS_INTEL") != "1":
        return {}
    if platform.machine() != "x86_64" or platform.system() != "Linux":
        raise RuntimeError(f"MKL can be told on Linux and x86_64 alone, this is {platform.system()}, {platform.machine()}")
    libraries = glob.glob(os.path.join(os.path.dirname(torch.__file__), "lib", "libtorch_cpu.so"))
    answers = getattr(ctypes.CDLL(libraries[0]) if libraries else ctypes.CDLL(None), "mkl_serv_intel_cpu_true", None)
    if answers is None:
        raise RuntimeError(f"PyTorch {torch.__version__} was built without MKL: nothing to tell")
    address = ctypes.cast(answers, ctypes.c_void_p).value
    first = address & -mmap.PAGESIZE
    size = address + len(RETURN_1) - first
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    if protect(first, size, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) != 0:
        raise RuntimeError(f"MKL cannot be told: {os.strerror(ctypes.get_errno())}")
    ctypes.memmove(address, RETURN_1, len(RETURN_1))
    protect(first, size, mmap.PROT_READ | mmap.PROT_EXEC)
    return {"mkl takes the processor for": "Intel's, as it was told"}

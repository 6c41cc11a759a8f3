"""Kernels of NumPy, for tests of the arrays that they are given."""

import ctypes

import numpy as np

from attnbench_kernel import kernel, serve


def computed(tensors):
    q, k, v, _ = tensors
    assert v.shape == k.shape
    return q + np.repeat(k[:, :, :1], q.shape[1] // k.shape[1], axis=1) + tensors["aft.u"][1, 1, 4]


@kernel
def writes(case):
    tensors = case.numpy()
    assert tensors.names() == ["q", "k", "v", "aft.u", "out"]
    try:
        tensors.q[0] = 1
    except ValueError:
        pass
    else:
        raise AssertionError("inputs are not to be written")

    def run():
        tensors.out[...] = computed(tensors)

    return run


@kernel
def returns(case):
    tensors = case.numpy()
    return lambda: computed(tensors)


@kernel
def wide(case):
    tensors = case.numpy()
    return lambda: tensors.q.astype(np.float64)


@kernel
def long(case):
    tensors = case.numpy()
    return lambda: np.concatenate([tensors.q, tensors.q], axis=3)


@kernel
def threads(case):
    out = case.numpy().out
    with open("/proc/self/maps") as file:
        path = next(line.split()[-1] for line in file if "openblas" in line or "libblas" in line)
    library = ctypes.CDLL(path)
    names = ("scipy_openblas_get_num_threads64_", "openblas_get_num_threads64_", "openblas_get_num_threads")
    count = next((getattr(library, name) for name in names if hasattr(library, name)), lambda: case.threads)

    def run():
        out[...] = count()

    return run


@kernel(dtypes=["float16", "bfloat16"])
def halves(case):
    q, _, _, out = case.numpy()
    assert q.itemsize == 2 and str(q.dtype) == case.dtype

    def run():
        out[...] = q

    return run


serve()

"""Heads are written in the opposite order."""

from attention import attend
from attnbench_kernel import kernel, serve


@kernel(kinds=["softmaxPattern"])
def heads_swapped(case):
    compute = attend(case)
    out = case.output
    size = case.queries * case.value_dim

    def run():
        compute()
        heads = [out[at * size : (at + 1) * size].tolist() for at in range(case.batch * case.heads)]
        for at, numbers in enumerate(reversed(heads)):
            for within, number in enumerate(numbers):
                out[at * size + within] = number

    return run


serve()

"""The output is returned with tokens before heads."""

from attention import attend
from attnbench_kernel import kernel, serve


@kernel(kinds=["softmaxPattern"])
def wrong_shape(case):
    compute = attend(case)
    returned = memoryview(bytearray(4 * len(case.output)))
    shape = (case.batch, case.queries, case.heads, case.value_dim)

    def run():
        compute()
        return returned.cast("f", shape)

    return run


serve()

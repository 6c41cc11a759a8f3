"""The control: nothing is wrong with it."""

from attention import attend
from attnbench_kernel import kernel, serve


@kernel(kinds=["softmaxPattern"])
def right(case):
    return attend(case)


serve()

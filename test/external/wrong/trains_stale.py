"""The output is computed anew in every call, and the gradients in the first."""

from attention import attend
from attnbench_kernel import kernel, serve
from gradients import train


def stale(case):
    forward, both = attend(case), train(case)
    calls = 0

    def run():
        nonlocal calls
        calls += 1
        if calls == 1:
            both()
        else:
            forward()

    return run


@kernel(kinds=["softmaxPattern"], train=stale)
def trains_stale(case):
    return attend(case)


serve()

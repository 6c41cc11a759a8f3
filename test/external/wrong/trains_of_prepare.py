"""Gradients are taken along dout as it was when the case was prepared."""

from attention import attend
from attnbench_kernel import kernel, serve
from gradients import train


class Kept:
    """A case whose dout never changes."""

    def __init__(self, case):
        self.inputs = {**case.inputs, "dout": list(case.inputs["dout"])}
        self._case = case

    def __getattr__(self, name):
        return getattr(self._case, name)


@kernel(kinds=["softmaxPattern"], train=lambda case: train(Kept(case)))
def trains_of_prepare(case):
    return attend(case)


serve()

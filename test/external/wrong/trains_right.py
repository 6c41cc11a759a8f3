"""The control: nothing is wrong with its gradients."""

from attention import attend
from attnbench_kernel import kernel, serve
from gradients import train


@kernel(kinds=["softmaxPattern"], train=train)
def trains_right(case):
    return attend(case)


serve()

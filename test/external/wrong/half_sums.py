"""Sums are kept in half precision."""

import struct

from attention import attend
from attnbench_kernel import kernel, serve


def half(number):
    return struct.unpack("e", struct.pack("e", number))[0]


@kernel(kinds=["softmaxPattern"])
def half_sums(case):
    return attend(case, rounded=half)


serve()

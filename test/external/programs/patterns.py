"""Kernels that write a pattern as they see it, one number a pair: value_dim is the number of keys."""

import attnbench_kernel
from attnbench_kernel import kernel, serve


def pairs(case, ranges_heads):
    """Rows of the output with the pattern's head: `(first number, head, query)`."""
    for row in range(case.heads * case.queries):
        yield row * case.length, row // case.queries if ranges_heads > 1 else 0, row % case.queries


@kernel
def by_ranges(case):
    ranges, out = case.ranges(), case.output

    def run():
        for at, head, query in pairs(case, ranges.heads):
            attended = {key for begin, end in ranges.of(query, head) for key in range(begin, end)}
            for key in range(case.length):
                out[at + key] = key in attended

    return run


@kernel
def by_csr(case):
    csr, out = case.csr(), case.output

    def run():
        for at, head, query in pairs(case, csr.heads):
            attended = csr.of(query, head)
            assert attended == sorted(attended)
            for key in range(case.length):
                out[at + key] = key in attended

    return run


@kernel
def by_blocks(case):
    """2 where the pair's block is full, 1 where it is partial."""
    blocks, out = case.blocks(case.params["size"]), case.output

    def run():
        for at, head, query in pairs(case, len(blocks.full)):
            row = query // blocks.size
            for key in range(case.length):
                column = key // blocks.size
                out[at + key] = 2 * (column in blocks.full[head][row]) + (column in blocks.partial[head][row])

    return run


@kernel
def by_numpy_mask(case):
    out = case.numpy().out[0]
    mask = case.mask(numpy=True)

    def run():
        out[...] = 1 if mask is None else mask

    return run


@kernel
def by_torch_mask(case):
    out = case.torch().out[0]
    mask = case.mask()

    def run():
        out.copy_(out.new_ones(()) if mask is None else mask)

    return run


@kernel
def by_bit_maps(case):
    """The same where rows have more ranges than a mask_mod compares a key with."""
    most, attnbench_kernel.MOST_TABLED_RANGES = attnbench_kernel.MOST_TABLED_RANGES, 0
    try:
        return by_mask_mod(case)
    finally:
        attnbench_kernel.MOST_TABLED_RANGES = most


@kernel
def by_mask_mod(case):
    """All pairs that the mask_mod says: FlexAttention without a compiler asks it about every one."""
    import torch

    out = case.torch().out[0]
    mask_mod = case._mask_mod(case.blocks(case.params["size"]), "cpu")
    ranges = [torch.arange(count) for count in (case.heads, case.queries, case.length)]
    head, query, key = torch.meshgrid(*ranges, indexing="ij")

    def run():
        out.copy_(mask_mod(None, head, query, key))

    return run


@kernel
def by_block_mask(case):
    """What FlexAttention computes: all pairs of full blocks, and of partial ones those that the mask_mod says."""
    import torch

    out = case.torch().out[0]
    made = case.block_mask(case.params["size"])
    assert made.shape[-2:] == (case.queries, case.length)
    ranges = [torch.arange(count) for count in (case.heads, case.queries, case.length)]
    head, query, key = torch.meshgrid(*ranges, indexing="ij")
    listed = ((made.full_kv_num_blocks, made.full_kv_indices), (made.kv_num_blocks, made.kv_indices))
    full, partial = torch.zeros(2, case.heads, case.queries, case.length, dtype=torch.bool)
    for into, (counts, indices) in zip((full, partial), listed):
        for h in range(case.heads):
            shared = h if counts.shape[1] > 1 else 0
            for row in range(counts.shape[2]):
                for column in indices[0, shared, row, : counts[0, shared, row]].tolist():
                    size = case.params["size"]
                    into[h, row * size : (row + 1) * size, column * size : (column + 1) * size] = True

    def run():
        out.copy_(full | (partial & made.mask_mod(None, head, query, key)))

    return run


@kernel
def by_edges(case):
    out = case.torch().out[0]
    keys, queries = case.edges()

    def run():
        out.zero_()
        out[:, queries, keys] = 1

    return run


serve()

"""Recurrences of matrices by flash-linear-attention: its references in PyTorch on the processor, and its
kernels in Triton, whose ids end in -cuda, where PyTorch finds a GPU.

Gates are made of k in every call, as attnbench's own kernels make them. What the library leaves to its callers
lies within the call as well: q and k of length 1, a scale that is not 1/√d, whole chunks.
"""

import math

import torch
import torch.nn.functional as F
from fla.ops.delta_rule.naive import delta_rule_chunkwise, delta_rule_recurrence
from fla.ops.gated_delta_rule.naive import naive_chunk_gated_delta_rule, naive_recurrent_gated_delta_rule
from fla.ops.generalized_delta_rule.dplr.naive import dplr_chunkwise, dplr_recurrence
from fla.ops.gla.naive import naive_recurrent_gla
from fla.ops.kda.naive import naive_chunk_kda, naive_recurrent_kda
from fla.ops.retention.naive import naive_retention
from fla.ops.rwkv6.chunk_naive import naive_chunk_rwkv6
from fla.ops.rwkv6.recurrent_naive import naive_recurrent_rwkv6
from fla.ops.simple_gla.naive import naive_chunk_simple_gla, naive_recurrent_simple_gla

from attnbench_kernel import kernel, serve

# --- Which recurrence a case is, and its gates ----------------------------------------------------------------


def family_of(recurrence):
    """The library's name for a recurrence, or None where it has none."""
    decay, erase = recurrence["decay"], recurrence["erase"]
    per = decay.get("per") or ("none" if decay["form"] == "none" else "head")
    if recurrence["skip"] != 0:
        return None
    if recurrence["bonus"] is not None:
        return "rwkv6" if per == "channel" and erase is None else None
    if erase == "before-decay":
        return "rwkv7" if per == "channel" else None
    if erase == "after-decay":
        return {"none": "delta", "token": "gated-delta", "channel": "kda"}.get(per)
    return {"head": "simple-gla", "token": "simple-gla", "channel": "gla"}.get(per)


def only(*families):
    """Whether a case is of one of these families; `retention` is a simple-gla whose heads forget as RetNet's."""

    def supports(case):
        form = case.mechanism["decay"]["form"]
        family = family_of(case.mechanism)
        if family in families or form in families:
            return True
        return f"it takes {' and '.join(families)}, got {family or f'a recurrence with the decay {form}'}"

    return supports


def unit(x):
    return x * (x.square().sum(-1, keepdim=True) + 1e-6).rsqrt()


class Inputs:
    """What a case's kernel is called with, made anew of q, k and v by `made()`: `q, k, v, g, write`.

    `order` says which of tokens (n) and heads (h) comes first in the library's function. `g` is ln α and `write` is
    β, with or without channels; None where there is none.
    """

    def __init__(self, case, order):
        self.case = case
        self.order = order
        self.tensors = case.torch(layout="bnhd" if order == "nh" else "bhnd")
        self.q, self.k, self.v, _ = self.tensors
        self.recurrence = case.mechanism
        # What q is multiplied by for functions whose scale is 1/√d.
        scale = self.recurrence["scale"]
        self.factor = 1.0 if scale is None else scale * math.sqrt(case.head_dim)
        self.constant = self._constant()

    def _constant(self):
        """ln α of a head, for every token alike."""
        form, heads = self.recurrence["decay"]["form"], self.case.heads
        head = torch.arange(heads, dtype=torch.float64)
        if form == "retention":
            log = torch.log1p(-(2.0 ** (-5 - head)))
        elif form == "lightning":
            log = -(2.0 ** (-8 * (head + 1) / heads))
        else:
            return None
        shape = self.k.shape[:3]
        log = log.float().to(self.k.device)
        return log.expand(shape) if self.order == "nh" else log[:, None].expand(shape)

    def _summed(self, name):
        """W k: `[…, rows]`, and A and b where the weights have them."""
        weights = self.tensors[name]
        width = self.case.head_dim
        sums = torch.einsum(f"b{self.order}d,hrd->b{self.order}r", self.k, weights[..., :width])
        return sums, weights[..., width:]

    def _given(self, name):
        gate = self.tensors[name]
        return gate.transpose(1, 2) if self.order == "nh" else gate

    def _step(self):
        """Δ, `softplus(W k + b)`, or as it is given; and A."""
        sums, rest = self._summed("decay")
        rates, biases = rest[..., 0], rest[..., 1]
        if self.order == "hn":
            rates, biases = rates[:, None], biases[:, None]
        if self.recurrence["write"]["form"] == "given-step":
            return self._given("dt"), rates
        return F.softplus(sums + biases), rates

    def _log_decay(self):
        form = self.recurrence["decay"]["form"]
        if form == "given":
            return self._given("g")
        if form == "softplus":
            step, rates = self._step()
            return -rates * step
        if form == "none":
            return None
        if self.constant is not None:
            return self.constant.unsqueeze(-1)
        sums, _ = self._summed("decay")
        if form == "logistic":
            return F.logsigmoid(sums) / 16
        if form == "exponential":
            channel = torch.arange(self.case.head_dim, device=sums.device) / max(1, self.case.head_dim - 1)
            return -(-6 + 5 * channel**0.7 + sums).exp()
        return -math.exp(-0.5) * sums.sigmoid()

    def _write(self):
        form = self.recurrence["write"]["form"]
        if form == "one":
            return None
        if form == "given":
            return self._given("beta")
        if form in ("step", "given-step"):
            return self._step()[0]
        return self._summed("write")[0].sigmoid()

    def made(self):
        q, k = self.q, self.k
        if self.recurrence["unit"] == "both":
            q, k = unit(q), unit(k)
        if self.factor != 1:
            q = q * self.factor
        return q, k, self.v, self._log_decay(), self._write()


def whole_chunks(size, dim, tensors):
    """Zeros after the last token up to whole chunks; a token of zeros with ln α of 0 changes nothing."""
    padding = -tensors[0].shape[dim] % size
    return [None if x is None else F.pad(x, (0, 0) * (x.dim() - 1 - dim) + (0, padding)) for x in tensors]


# --- References in PyTorch ------------------------------------------------------------------------------------
#
# Token by token, as their authors define them, and in chunks, as the kernels compute. The latter take exponentials
# of differences of sums in float32, and are as exact as those.

# How each is called with `q, k, v, g, write`, by its id: the families that it takes, which of tokens and heads comes
# first, and the chunks that it needs whole.
REFERENCES = {
    "fla-naive-retention": (
        naive_retention, ["retention"], "hn", 1,
        lambda q, k, v, g, write: naive_retention(q, k, v),
    ),
    "fla-recurrent-simple-gla": (
        naive_recurrent_simple_gla, ["simple-gla"], "nh", 1,
        lambda q, k, v, g, write: naive_recurrent_simple_gla(q, times(k, write), v, g.squeeze(-1))[0],
    ),
    "fla-chunk-simple-gla": (
        naive_chunk_simple_gla, ["simple-gla"], "nh", 1,
        lambda q, k, v, g, write: naive_chunk_simple_gla(q, times(k, write), v, g.squeeze(-1))[0],
    ),
    "fla-recurrent-gla": (
        naive_recurrent_gla, ["gla"], "nh", 1,
        lambda q, k, v, g, write: naive_recurrent_gla(q, times(k, write), v, g)[0],
    ),
    "fla-recurrent-delta": (
        delta_rule_recurrence, ["delta"], "hn", 1,
        lambda q, k, v, g, write: delta_rule_recurrence(q, k, v, write)[0],
    ),
    "fla-chunk-delta": (
        delta_rule_chunkwise, ["delta"], "hn", 32,
        lambda q, k, v, g, write: delta_rule_chunkwise(q, k, v, write.squeeze(-1))[0],
    ),
    "fla-recurrent-gated-delta": (
        naive_recurrent_gated_delta_rule, ["gated-delta"], "nh", 1,
        lambda q, k, v, g, write: naive_recurrent_gated_delta_rule(q, k, v, write.squeeze(-1), g.squeeze(-1))[0],
    ),
    "fla-chunk-gated-delta": (
        naive_chunk_gated_delta_rule, ["gated-delta"], "nh", 1,
        lambda q, k, v, g, write: naive_chunk_gated_delta_rule(q, k, v, g.squeeze(-1), write.squeeze(-1))[0],
    ),
    "fla-recurrent-kda": (
        naive_recurrent_kda, ["kda"], "nh", 1,
        lambda q, k, v, g, write: naive_recurrent_kda(q, k, v, g, write.squeeze(-1))[0],
    ),
    "fla-chunk-kda": (
        naive_chunk_kda, ["kda"], "nh", 64,
        lambda q, k, v, g, write: naive_chunk_kda(q, k, v, g, write.squeeze(-1))[0],
    ),
    "fla-recurrent-rwkv6": (
        naive_recurrent_rwkv6, ["rwkv6"], "hn", 1,
        lambda q, k, v, g, bonus: naive_recurrent_rwkv6(q, k, v, g, bonus)[0],
    ),
    "fla-chunk-rwkv6": (
        naive_chunk_rwkv6, ["rwkv6"], "hn", 32,
        # It leaves the scale out.
        lambda q, k, v, g, bonus: naive_chunk_rwkv6(q * q.shape[-1] ** -0.5, k, v, g, bonus),
    ),
    "fla-recurrent-rwkv7": (
        dplr_recurrence, ["rwkv7"], "hn", 1,
        lambda q, k, v, g, rate: dplr_recurrence(q, rate * k, v, -unit(k), rate * unit(k), g)[0],
    ),
    "fla-chunk-rwkv7": (
        dplr_chunkwise, ["rwkv7"], "hn", 32,
        lambda q, k, v, g, rate: dplr_chunkwise(q, rate * k, v, -unit(k), rate * unit(k), g)[0],
    ),
}  # fmt: skip


def times(k, write):
    return k if write is None else k * write


def reference(order, chunk, call):
    """What prepares a case for one of them."""

    def prepare(case):
        inputs = Inputs(case, order)
        tokens = 2 if order == "hn" else 1
        bonus = case.mechanism["bonus"]
        fixed = None if bonus is None else torch.full((case.heads, case.head_dim), bonus)

        def run():
            given = inputs.made()
            if -case.length % chunk != 0:
                given = whole_chunks(chunk, tokens, given)
            if fixed is not None:
                given = (*given[:4], fixed)
            return call(*given).narrow(tokens, 0, case.length)

        return run

    return prepare


for id, (function, families, order, chunk, call) in REFERENCES.items():
    kernel(
        reference(order, chunk, call), id=id, title=f"flash-linear-attention's {function.__name__}",
        kinds=["recurrence"], freedoms=["valueDim"], supports=only(*families),
    )  # fmt: skip


# --- Kernels in Triton ----------------------------------------------------------------------------------------


def in_triton(id, *families, dtypes=("float32", "float16", "bfloat16")):
    return kernel(
        id=id, kinds=["recurrence"], freedoms=["valueDim"], dtypes=dtypes, device="cuda", supports=only(*families)
    )  # fmt: skip


def declare_triton():
    from fla.ops.delta_rule import chunk_delta_rule
    from fla.ops.gated_delta_rule import chunk_gated_delta_rule
    from fla.ops.gla import chunk_gla
    from fla.ops.kda import chunk_kda
    from fla.ops.retention import chunk_retention
    from fla.ops.rwkv6 import chunk_rwkv6
    from fla.ops.rwkv7 import chunk_rwkv7
    from fla.ops.simple_gla import chunk_simple_gla

    def like(x, gate):
        return None if gate is None else gate.to(x.dtype)

    @in_triton("fla-retention-cuda", "retention")
    def retention(case):
        """flash-linear-attention's chunk_retention"""
        inputs = Inputs(case, "nh")
        return lambda: chunk_retention(*inputs.made()[:3])[0]

    @in_triton("fla-simple-gla-cuda", "simple-gla")
    def simple_gla(case):
        """flash-linear-attention's chunk_simple_gla"""
        inputs = Inputs(case, "nh")
        # One factor a head has a form of its own in the library.
        fixed = None if inputs.constant is None else inputs.constant[0, 0].contiguous()

        def run():
            q, k, v, g, write = inputs.made()
            k = k if write is None else k * like(k, write)
            if fixed is not None:
                return chunk_simple_gla(q, k, v, g_gamma=fixed)[0]
            return chunk_simple_gla(q, k, v, g=g.squeeze(-1).contiguous())[0]

        return run

    @in_triton("fla-gla-cuda", "gla")
    def gla(case):
        """flash-linear-attention's chunk_gla"""
        inputs = Inputs(case, "nh")

        def run():
            q, k, v, g, write = inputs.made()
            return chunk_gla(q, k if write is None else k * like(k, write), v, g.contiguous())[0]

        return run

    @in_triton("fla-delta-cuda", "delta", dtypes=("bfloat16", "float16"))
    def delta(case):
        """flash-linear-attention's chunk_delta_rule"""
        inputs = Inputs(case, "nh")

        def run():
            q, k, v, _, write = inputs.made()
            return chunk_delta_rule(q, k, v, like(k, write).squeeze(-1).contiguous())[0]

        return run

    @in_triton("fla-gated-delta-cuda", "gated-delta", dtypes=("bfloat16", "float16"))
    def gated_delta(case):
        """flash-linear-attention's chunk_gated_delta_rule"""
        inputs = Inputs(case, "nh")

        def run():
            q, k, v, g, write = inputs.made()
            g, write = g.squeeze(-1).contiguous(), write.squeeze(-1).contiguous()
            return chunk_gated_delta_rule(q, k, v, g, like(k, write))[0]

        return run

    @in_triton("fla-kda-cuda", "kda", dtypes=("bfloat16", "float16"))
    def kda(case):
        """flash-linear-attention's chunk_kda"""
        inputs = Inputs(case, "nh")

        def run():
            q, k, v, g, write = inputs.made()
            return chunk_kda(q, k, v, g.contiguous(), like(k, write).squeeze(-1).contiguous())[0]

        return run

    @in_triton("fla-rwkv6-cuda", "rwkv6")
    def rwkv6(case):
        """flash-linear-attention's chunk_rwkv6"""
        inputs = Inputs(case, "nh")
        bonus = torch.full((case.heads, case.head_dim), case.mechanism["bonus"], dtype=inputs.q.dtype, device="cuda")

        def run():
            q, k, v, g, _ = inputs.made()
            return chunk_rwkv6(q, k, v, g.contiguous(), bonus)[0]

        return run

    @in_triton("fla-rwkv7-cuda", "rwkv7")
    def rwkv7(case):
        """flash-linear-attention's chunk_rwkv7"""
        inputs = Inputs(case, "nh")
        scale, inputs.factor = inputs.factor / math.sqrt(case.head_dim), 1.0

        def run():
            q, k, v, g, rate = inputs.made()
            erased, rate = unit(k), like(k, rate)
            return chunk_rwkv7(q, g.contiguous(), rate * k, v, -erased, rate * erased, scale=scale)[0]

        return run


if torch.cuda.is_available():
    declare_triton()

serve("flash-linear-attention")

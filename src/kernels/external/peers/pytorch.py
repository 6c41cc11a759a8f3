"""PyTorch as people use it: scaled dot-product attention by each of its backends, with a mask, and as
FlexAttention; linear attention by einsum; and what torch.compile makes of some of them.

Each is declared for the processor, and once more, with -cuda after its id, where PyTorch finds a GPU.
"""

import torch
import torch.nn.functional as F
from torch.nn.attention.flex_attention import flex_attention

import mkl_vectors
from attnbench_kernel import serve
from on_devices import on_devices

TOLD = mkl_vectors.as_told(torch)

ANY_SHAPE = ["kvHeads", "queries", "valueDim"]

# A case is compiled once, for its own shape. What was compiled for others stays, and what cannot be compiled
# fails: with PyTorch's own limit of eight the ninth would be left uncompiled without a word.
torch._dynamo.config.recompile_limit = 10_000
torch._dynamo.config.accumulated_recompile_limit = 10_000
torch._dynamo.config.fail_on_recompile_limit_hit = True


def compiled(function):
    return torch.compile(function, dynamic=False, fullgraph=True)


# --- Scaled dot-product attention, by one backend -------------------------------------------------------------

BACKENDS = {
    "math": torch.backends.cuda.enable_math_sdp,
    "flash": torch.backends.cuda.enable_flash_sdp,
    "efficient": torch.backends.cuda.enable_mem_efficient_sdp,
    "cudnn": torch.backends.cuda.enable_cudnn_sdp,
}
allowed = "any"


def allow(backend):
    """Allows one backend alone, or any. `torch.nn.attention.sdpa_kernel` does the same, and takes longer than a
    short call does; these are switches of the whole process, and nothing is done if they stand so."""
    global allowed
    if backend == allowed:
        return
    allowed = backend
    for name, enable in BACKENDS.items():
        enable(backend in (name, "any"))


def only_every_pair(case):
    """True for full attention, and for its causal form as `is_causal` has it."""
    if case.pattern != "everything":
        return f"it takes every pair, causal or not, got {case.pattern}; torch-mask takes any pattern"
    if case.causal and case.queries != case.length:
        # is_causal lets the first query stand at the first key; here the last one stands at the last.
        return f"is_causal lines up the first query with the first key, got {case.queries} queries of {case.length} keys"
    return True


def sdpa_of(backend):
    """What makes the call by one backend. It raises where that does not take the shape: no other is timed."""

    def prepare(case):
        q, k, v, _ = case.torch()
        causal, scale, grouped = case.causal, case.scale, case.kv_heads != case.heads

        def run():
            allow(backend)
            return F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale, enable_gqa=grouped)

        return run

    def supports(case):
        answer = only_every_pair(case)
        if answer is not True:
            return answer
        few = {"dtype": getattr(torch, case.dtype), "device": case.device}
        q = torch.zeros(1, case.heads, 8, case.head_dim, **few)
        k = torch.zeros(1, case.kv_heads, 8, case.head_dim, **few)
        v = torch.zeros(1, case.kv_heads, 8, case.value_dim, **few)
        allow(backend)
        try:
            F.scaled_dot_product_attention(q, k, v, is_causal=case.causal, enable_gqa=case.kv_heads != case.heads)
        except RuntimeError:
            return f"PyTorch {torch.__version__} has no {backend} backend for such heads of {case.dtype} on {case.device}"
        return True

    return prepare, supports


for backend, devices in {
    "math": ["cpu", "cuda"], "flash": ["cpu", "cuda"], "efficient": ["cuda"], "cudnn": ["cuda"],
}.items():  # fmt: skip
    prepare, supports = sdpa_of(backend)
    on_devices(
        f"torch-{backend}", devices, title=f"PyTorch scaled_dot_product_attention, {backend} backend",
        kinds=["softmaxPattern"], freedoms=ANY_SHAPE, supports=supports, train="autograd",
    )(prepare)  # fmt: skip


# --- With a mask, and FlexAttention ---------------------------------------------------------------------------


def masked_sdpa(q, k, v, mask, scale, grouped):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale, enable_gqa=grouped)


@on_devices("torch-mask", kinds=["softmaxPattern"], freedoms=ANY_SHAPE, train="autograd")
def with_mask(case, attend=masked_sdpa):
    """PyTorch scaled_dot_product_attention with a mask of every pair"""
    q, k, v, _ = case.torch()
    mask, scale, grouped = case.mask(), case.scale, case.kv_heads != case.heads

    def run():
        allow("any")
        return attend(q, k, v, mask, scale, grouped)

    return run


@on_devices("torch-compile-mask", kinds=["softmaxPattern"], freedoms=ANY_SHAPE, train="autograd")
def with_mask_compiled(case):
    """torch.compile of scaled_dot_product_attention with a mask of every pair"""
    return with_mask(case, compiled(masked_sdpa))


def flex_supports(case):
    if case.training and case.device == "cpu":
        return "FlexAttention has no backward pass on processors"
    return True


@on_devices(
    "torch-flex", kinds=["softmaxPattern"], freedoms=["kvHeads", "queries"], supports=flex_supports, train="autograd"
)
def flex(case):
    """PyTorch FlexAttention, compiled, with a mask of blocks"""
    q, k, v, _ = case.torch()
    blocks, scale, grouped = case.block_mask(), case.scale, case.kv_heads != case.heads
    attend = compiled(flex_attention)
    return lambda: attend(q, k, v, block_mask=blocks, scale=scale, enable_gqa=grouped)


# --- Linear attention -----------------------------------------------------------------------------------------

CHUNK = 128


def only_elu(case):
    feature = case.mechanism["feature"].get("id")
    if feature != "elu+1":
        return f"it has the feature map elu+1, got {feature or case.mechanism['feature']['kind']}"
    if case.causal and case.queries != case.length:
        return f"causal, it takes as many queries as keys, got {case.queries} of {case.length}"
    return True


def features(x):
    # elu(x) + 1 without elu's own subtraction of 1, which leaves nothing of small features. At 0 the derivative of
    # relu is 0, where that of a second clamp would be 1 once more.
    return x.clamp(max=0).exp() + x.relu()


def linear(q, k, v, eps):
    """Linear attention over all keys: q `[batch, kv_heads, group, queries, d]`, k and v without the group."""
    q, k = features(q), features(k)
    states = torch.einsum("bhnd,bhne->bhde", k, v)
    norms = torch.einsum("bhgnd,bhd->bhgn", q, k.sum(2)) + eps
    return torch.einsum("bhgnd,bhde,bhgn->bhgne", q, states, 1 / norms)


def before(x):
    """Sums over the chunks before each. Not the sums up to it less its own, which is NaN where that is infinite."""
    return torch.cat([torch.zeros_like(x[:, :, :1]), x[:, :, :-1].cumsum(2)], 2)


def causal_linear(q, k, v, eps):
    """The same over keys up to the query, in chunks: pairs within a chunk, and a running sum of states before it."""
    tokens = q.shape[3]
    padding = -tokens % CHUNK
    # A padded key comes after every query.
    q, k, v = (F.pad(x, (0, 0, 0, padding)) for x in (features(q), features(k), v))
    q, k, v = (x.unflatten(-2, (-1, CHUNK)) for x in (q, k, v))
    states = torch.einsum("bhcnd,bhcne->bhcde", k, v)
    sums = k.sum(3)
    states, sums = before(states), before(sums)
    weights = torch.einsum("bhgcnd,bhcmd->bhgcnm", q, k).tril()
    out = torch.einsum("bhgcnm,bhcme->bhgcne", weights, v) + torch.einsum("bhgcnd,bhcde->bhgcne", q, states)
    norms = weights.sum(-1) + torch.einsum("bhgcnd,bhcd->bhgcn", q, sums) + eps
    return (out / norms.unsqueeze(-1)).flatten(3, 4)[:, :, :, :tokens]


@on_devices("torch-einsum-linear", kinds=["featureMap"], freedoms=ANY_SHAPE, supports=only_elu, train="autograd")
def einsum_linear(case, compile=False):
    """Linear attention by torch.einsum, causal in chunks"""
    q, k, v, out = case.torch()
    q = q.unflatten(1, (case.kv_heads, -1))
    eps = case.mechanism["epsilon"]
    attend = causal_linear if case.causal else linear
    if compile:
        attend = compiled(attend)
    return lambda: attend(q, k, v, eps).flatten(1, 2)


@on_devices("torch-compile-linear", kinds=["featureMap"], freedoms=ANY_SHAPE, supports=only_elu, train="autograd")
def einsum_linear_compiled(case):
    """torch.compile of linear attention by torch.einsum"""
    return einsum_linear(case, compile=True)


serve("PyTorch", TOLD)

"""Longformer and BigBird as transformers has them: the layers' own attention, handed q, k and v in the place of
what their projections would make.
"""

from itertools import cycle
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from transformers.models.big_bird.modeling_big_bird import BigBirdBlockSparseAttention, BigBirdModel
from transformers.models.longformer.modeling_longformer import LongformerSelfAttention

from attnbench_kernel import serve
from on_devices import on_devices


def why_not_as_layers(case):
    """What neither layer can be told; None if there is nothing of it."""
    if case.causal:
        return "it is never causal"
    if abs(case.scale * case.head_dim**0.5 - 1) > 1e-6:
        return f"its scale is 1/sqrt(head_dim), got {case.scale}"
    return None


# --- Longformer -----------------------------------------------------------------------------------------------


class Handed(torch.nn.Module):
    """Stands in the place of a projection, whatever it is to project."""

    def __init__(self):
        super().__init__()
        self.output = None

    def forward(self, hidden_states):
        return self.output


class Copied(torch.nn.Module):
    """The same for queries, which the layer divides in place."""

    def forward(self, hidden_states):
        return hidden_states.clone()


def only_longformer(case):
    if case.variant not in ("longformer", "local"):
        return f"it takes longformer and local, got {case.variant or case.pattern}"
    if case.params.get("stride", 0) != 0:
        return f"it has no stride, as in the paper, got {case.params['stride']}; set longformer.stride=0"
    if case.params.get("left") is not None or case.params.get("right") is not None:
        return "its window reaches as far to both sides"
    if case.params["window"] < 1:
        return "its window has a key on each side at least"
    return why_not_as_layers(case) or True


@on_devices("hf-longformer", kinds=["softmaxPattern"], supports=only_longformer)
def longformer(case):
    """transformers' LongformerSelfAttention, padded to whole windows as LongformerModel does"""
    layout = case.torch(layout="bnhd")
    window, width = case.params["window"], case.heads * case.head_dim
    attention = LongformerSelfAttention(
        SimpleNamespace(
            hidden_size=width, num_attention_heads=case.heads, attention_window=[2 * window],
            attention_probs_dropout_prob=0.0,
        ),
        layer_id=0,
    ).eval()  # fmt: skip
    keys, values = Handed(), Handed()
    attention.query = attention.query_global = Copied()
    attention.key = attention.key_global = keys
    attention.value = attention.value_global = values

    q, k, v = (tensor.flatten(2) for tensor in (layout.q, layout.k, layout.v))
    padding = -case.length % (2 * window)
    # The layer's own signs: local attention, attention of every token, and none.
    mask = torch.zeros(case.batch, case.length + padding, dtype=q.dtype, device=q.device)
    mask[:, : case.params.get("tokens", 0)] = 10_000
    mask[:, case.length :] = -10_000
    masks = {
        "attention_mask": mask,
        "is_index_masked": mask < 0,
        "is_index_global_attn": mask > 0,
        "is_global_attn": bool((mask > 0).any()),
    }

    def whole(x):
        return F.pad(x, (0, 0, 0, padding)) if padding else x

    def run():
        keys.output, values.output = whole(k).transpose(0, 1), whole(v).transpose(0, 1)
        out = attention(whole(q), **masks)[0]
        return out[:, : case.length].unflatten(2, (case.heads, case.head_dim))

    return run


# --- BigBird --------------------------------------------------------------------------------------------------


class DrawnBefore(BigBirdBlockSparseAttention):
    """The layer with random blocks that it does not draw itself: `blocks[head][row - 1]` lists those of a row."""

    def given(self, blocks):
        self.blocks = blocks
        self.in_turn = cycle(blocks)
        return self

    def _bigbird_block_rand_mask(self, *_, **__):
        # The layer asks head by head.
        return next(self.in_turn)

    def _bigbird_block_rand_mask_with_head(self, *_, **__):
        return self.blocks


def only_bigbird(case):
    if case.variant != "bigbird":
        return f"it takes bigbird, got {case.variant or case.pattern}"
    parts = {name: case.params[name] for name in ("window", "global", "stride")}
    if parts != {"window": 3, "global": 1, "stride": 0} or case.params["random"] < 1:
        return f"it has a window of 3 blocks, 1 global block at each end, random ones and no stride, got {parts}"
    block, random = case.params["block"], case.params["random"]
    if case.length % block != 0:
        return f"its lengths are whole blocks of {block}, got {case.length}"
    if case.length // block < 5 + random:
        return f"its lengths have {5 + random} blocks or more, got {case.length // block}"
    return why_not_as_layers(case) or True


def random_blocks(case, block):
    """The blocks that are neither in the band nor global, as the case drew them: `[head][row - 1]`."""
    rows = case.blocks(block).full
    last = len(rows[0]) - 1
    return [
        [[column for column in head[row] if column not in (0, row - 1, row, row + 1, last)] for row in range(1, last)]
        for head in (rows if len(rows) > 1 else rows * case.heads)
    ]


def bigbird_by(case, layer):
    """A call of the layer, without its projections."""
    q, k, v, _ = case.torch()
    block = case.params["block"]
    config = SimpleNamespace(
        hidden_size=case.heads * case.head_dim, num_attention_heads=case.heads, use_bias=False,
        num_random_blocks=case.params["random"], block_size=block, max_position_embeddings=4096,
    )  # fmt: skip
    attention = layer(config).eval()
    ones = torch.ones(case.batch, case.length, dtype=q.dtype, device=q.device)
    blocked, band, of_queries, of_keys = BigBirdModel.create_masks_for_block_sparse_attn(ones, block)

    def run():
        context, _ = attention.bigbird_block_sparse_attention(
            q, k, v, band, of_queries, of_keys, blocked, blocked, case.heads, case.params["random"], case.head_dim,
            block, block, case.batch, case.length, case.length, seed=0, plan_from_length=None,
            plan_num_rand_blocks=None,
        )  # fmt: skip
        return context.transpose(1, 2)

    return attention, run


@on_devices("hf-bigbird", kinds=["softmaxPattern"], supports=only_bigbird)
def bigbird(case):
    """transformers' BigBirdBlockSparseAttention, given the random blocks of the case"""
    attention, run = bigbird_by(case, DrawnBefore)
    attention.given(random_blocks(case, case.params["block"]))
    return run


@on_devices("hf-bigbird-inference", kinds=["softmaxPattern"], supports=only_bigbird)
def bigbird_inference(case):
    """transformers' BigBirdBlockSparseAttention, whose random blocks are block 0 outside of training"""
    return bigbird_by(case, BigBirdBlockSparseAttention)[1]


serve("Hugging Face transformers")

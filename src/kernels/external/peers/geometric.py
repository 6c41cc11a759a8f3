"""Attention over edges by PyTorch Geometric: the message passing of its layers, handed q, k and v in the place
of what their projections would make. A token is a node, and a pair an edge from its key to its query.
"""

import torch
from torch_geometric.nn import GATConv, GATv2Conv, TransformerConv

from attnbench_kernel import serve
from on_devices import on_devices

MOST_EDGES = 2**22
"""A layer keeps several rows of every edge."""


def on_pairs(id, **options):
    return on_devices(id, kinds=["softmaxPattern"], **options)


def takes(score):
    """Whether scores are made in this way, and edges few enough."""

    def supports(case):
        made = (case.mechanism.get("score") or {"kind": "products"})["kind"]
        if made != score:
            return f"it makes scores of {score}, got {made}"
        if score == "products" and abs(case.scale * case.head_dim**0.5 - 1) > 1e-6:
            return f"its scale is 1/sqrt(head_dim), got {case.scale}"
        if "randomBlocks" in case.pattern:
            return f"all heads must have the same edges, got {case.pattern}"
        if case.batch * case.pairs > MOST_EDGES * case.heads:
            return f"it takes {MOST_EDGES} edges at most, got {case.batch * case.pairs // case.heads}"
        return True

    return supports


class Graph:
    """A case as one graph, in which batch entries are apart: rows of nodes `[batch · tokens, heads, width]`."""

    def __init__(self, case):
        self.tensors = case.torch(layout="bnhd")
        self.q, self.k, self.v = (self.tensors[name].flatten(0, 1) for name in "qkv")
        offsets = torch.tensor([[case.length], [case.queries]], device=self.q.device)
        edges = case.edges()
        self.edges = torch.cat([edges + entry * offsets for entry in range(case.batch)], dim=1)
        self.size = (case.batch * case.length, case.batch * case.queries)
        self.shape = (case.batch, case.queries)

    def tokens(self, nodes):
        return nodes.unflatten(0, self.shape)


@on_pairs("pyg-transformer-conv", freedoms=["queries", "valueDim"], supports=takes("products"))
def transformer_conv(case):
    """PyTorch Geometric's TransformerConv: the propagation along edges"""
    graph = Graph(case)
    q, k, v, edges, size = graph.q, graph.k, graph.v, graph.edges, graph.size
    layer = TransformerConv(1, case.head_dim, heads=case.heads).eval()
    return lambda: graph.tokens(layer.propagate(edges, query=q, key=k, value=v, edge_attr=None, size=size))


@on_pairs("pyg-gat-conv", forms=["score"], freedoms=["queries", "valueDim"], supports=takes("split"))
def gat_conv(case):
    """PyTorch Geometric's GATConv: scores of edges, and the propagation along them"""
    graph = Graph(case)
    q, k, v, edges, size = graph.q, graph.k, graph.v, graph.edges, graph.size
    of_query, of_key = graph.tensors.a.transpose(0, 1), graph.tensors.b.transpose(0, 1)
    slope = case.mechanism["score"]["slope"]
    layer = GATConv(1, case.value_dim, heads=case.heads, negative_slope=slope, add_self_loops=False).eval()

    def run():
        scores = ((k * of_key).sum(-1), (q * of_query).sum(-1))
        weights = layer.edge_updater(edges, alpha=scores, edge_attr=None, size=size)
        return graph.tokens(layer.propagate(edges, x=(v, None), alpha=weights, size=size))

    return run


@on_pairs("pyg-gatv2-conv", forms=["score"], freedoms=["queries", "valueDim"], supports=takes("leaky"))
def gatv2_conv(case):
    """PyTorch Geometric's GATv2Conv: scores of edges, and the propagation along them"""
    graph = Graph(case)
    q, k, v, edges, size = graph.q, graph.k, graph.v, graph.edges, graph.size
    slope = case.mechanism["score"]["slope"]
    layer = GATv2Conv(1, case.head_dim, heads=case.heads, negative_slope=slope, add_self_loops=False).eval()
    layer.att = torch.nn.Parameter(graph.tensors.w.transpose(0, 1))

    def run():
        weights = layer.edge_updater(edges, x=(k, q), edge_attr=None, size=size)
        return graph.tokens(layer.propagate(edges, x=(v, None), alpha=weights, size=size))

    return run


serve("PyTorch Geometric")

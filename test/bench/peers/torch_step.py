"""Training steps of the engine's benchmark networks in PyTorch, as a process that is told what to do.

Reads a JSON object a line and answers each with one:
  {"op": "load", "folder", "model", "variant", "threads", "device", "compile"}  ->  {"ready", "torch", "device"}
  {"op": "run", "steps"}                                                      ->  {"ms": [...], "loss"}
  {"op": "memory"}                                                            ->  {"peakMb"}

The folder holds what the engine uses too: the graph, the features, the starting parameters by name. The first loss is therefore the
engine's own first loss, which the benchmark checks before it times anything.

Variants: "plain" is the network as it is usually written, with concatenations and index_add_; "split" multiplies nodes before
they are gathered (W [e | x_s | x_r] = W1 e + (W2 x)_s + (W3 x)_r), as a careful author would; "pyg" uses the layers of
torch_geometric where it is installed.
"""

import json
import os
import resource
import sys
import time

import numpy
import torch
import torch.nn.functional as F


def read(folder, name, dtype):
    return torch.from_numpy(numpy.fromfile(os.path.join(folder, name), dtype=dtype).copy())


def linear(p, name, x):
    return torch.addmm(p[name + ".bias"], x, p[name + ".kernel"])


def mean_of(x, receivers, count, degree):
    return torch.zeros(count, x.shape[1], device=x.device).index_add_(0, receivers, x) / degree


class GraphNetwork:
    """Graph-network blocks (Battaglia et al. 2018) with MLPs of two layers and layer norm; a linear read-out of every node."""

    def __init__(self, data, blocks, split):
        self.data, self.names, self.split = data, ["encode"] + [f"block{i}" for i in range(blocks)], split

    def __call__(self, p):
        d = self.data
        e, x, g = d["edgeFeatures"], d["nodeFeatures"], d["graphFeatures"]
        for i, name in enumerate(self.names):
            e2, x2, g2 = self.block(p, name, e, x, g)
            e, x, g = (e + e2, x + x2, g + g2) if i > 0 else (e2, x2, g2)
        return linear(p, "readOut", x)

    def block(self, p, name, e, x, g):
        d = self.data
        s, r, eg, ng = d["senders"], d["receivers"], d["edgeGraph"], d["nodeGraph"]
        e2 = self.update(p, name + ".edges", [(e, None), (x, s), (x, r), (g, eg)])
        width = e2.shape[1]
        incoming = torch.zeros(x.shape[0], width, device=e2.device).index_add_(0, r, e2)
        x2 = self.update(p, name + ".nodes", [(x, None), (incoming, None), (g, ng)])
        edges = torch.zeros(g.shape[0], width, device=e2.device).index_add_(0, eg, e2)
        nodes = torch.zeros(g.shape[0], width, device=e2.device).index_add_(0, ng, x2)
        g2 = self.update(p, name + ".graphs", [(g, None), (edges, None), (nodes, None)])
        return e2, x2, g2

    def update(self, p, name, parts):
        h = torch.relu(self.first(p, name + ".0", parts))
        h = torch.relu(linear(p, name + ".1", h))
        return F.layer_norm(h, h.shape[1:], p[name + ".norm.gain"], p[name + ".norm.bias"])

    def first(self, p, name, parts):
        if not self.split:
            return linear(p, name, torch.cat([x if index is None else x[index] for x, index in parts], 1))
        kernels = torch.split(p[name + ".kernel"], [x.shape[1] for x, _ in parts])
        (x, _), rest = parts[0], list(zip(parts, kernels))[1:]
        total = torch.addmm(p[name + ".bias"], x, kernels[0])
        for (x, index), kernel in rest:
            product = x @ kernel
            total = total + (product if index is None else product[index])
        return total


class Layers:
    """Two layers of one kind and a linear read-out of every node."""

    def __init__(self, data, layer):
        self.data, self.layer = data, layer

    def __call__(self, p):
        x = self.data["nodeFeatures"]
        for name in ("layers.0", "layers.1"):
            x = self.layer(p, name, x, self.data)
        return linear(p, "readOut", x)


def gcn(p, name, x, d):
    """Kipf & Welling 2017: every edge weighs with 1 / sqrt(degree of both ends); loops as edges of the graph."""
    h = x @ p[name + ".kernel"]
    messages = h[d["loopedSenders"]] * d["gcnWeight"]
    out = torch.zeros_like(h).index_add_(0, d["loopedReceivers"], messages)
    return torch.relu(out + p[name + ".bias"])


def gat(p, name, x, d):
    """Velickovic et al. 2018, heads beside each other; the graph has its loops."""
    sender, receiver = p[name + ".attention.sender"], p[name + ".attention.receiver"]
    heads, width = sender.shape
    s, r, n = d["loopedSenders"], d["loopedReceivers"], x.shape[0]
    h = (x @ p[name + ".kernel"]).view(n, heads, width)
    scores = F.leaky_relu((h * sender).sum(2)[s] + (h * receiver).sum(2)[r], 0.2)
    index = r[:, None].expand_as(scores)
    largest = torch.full((n, heads), -1e30, device=x.device).scatter_reduce_(0, index, scores.detach(), "amax")
    weights = torch.exp(scores - largest[r])
    total = torch.zeros(n, heads, device=x.device).index_add_(0, r, weights)
    attention = weights / total[r]
    out = torch.zeros_like(h).index_add_(0, r, h[s] * attention[:, :, None])
    return F.elu(out.view(n, heads * width) + p[name + ".bias"])


def sage(p, name, x, d):
    """Hamilton et al. 2017, mean aggregator."""
    mean = mean_of(x[d["senders"]], d["receivers"], x.shape[0], d["degree"])
    return torch.relu(linear(p, name + ".neighbours", mean) + x @ p[name + ".self.kernel"])


def edge_gnn(p, name, x, d):
    """Edge-GraphSAGE: W2 [h_v | W1 mean [h_u | e_uv]]."""
    messages = torch.cat([x[d["senders"]], d["edgeFeatures"]], 1)
    hidden = linear(p, name + ".message", mean_of(messages, d["receivers"], x.shape[0], d["degree"]))
    return torch.relu(linear(p, name + ".neighbours", hidden) + x @ p[name + ".self.kernel"])


class Pyg:
    """The same layers out of torch_geometric, with its own starting parameters: the first loss is not comparable."""

    def __init__(self, data, model, hidden, heads):
        from torch_geometric import nn

        d = data
        width = d["nodeFeatures"].shape[1]
        self.edges = torch.stack([d["senders"], d["receivers"]])
        self.x = d["nodeFeatures"]
        make = {
            "gcn": lambda a: nn.GCNConv(a, hidden, cached=True),
            "gat": lambda a: nn.GATConv(a, hidden // heads, heads),
            "sage": lambda a: nn.SAGEConv(a, hidden),
        }[model]
        self.activation = F.elu if model == "gat" else torch.relu
        self.layers = torch.nn.ModuleList([make(width), make(hidden)]).to(self.x.device)
        self.read_out = torch.nn.Linear(hidden, 1).to(self.x.device)
        self.parameters = [*self.layers.parameters(), *self.read_out.parameters()]

    def __call__(self, _):
        x = self.x
        for layer in self.layers:
            x = self.activation(layer(x, self.edges))
        return self.read_out(x)


LAYERS = {"gcn": gcn, "gat": gat, "sage": sage, "edgeGnn": edge_gnn}


class Step:
    def __init__(self, request):
        folder = request["folder"]
        device = request.get("device", "cpu")
        torch.set_num_threads(request["threads"])
        with open(os.path.join(folder, "case.json")) as file:
            case = json.load(file)
        data = {}
        for array in case["arrays"]:
            values = read(folder, array["file"], array["dtype"]).reshape(array["shape"])
            data[array["name"]] = (values.long() if array["dtype"] == "int32" else values).to(device)
        flat = read(folder, "parameters.f32", "float32")
        self.p = {
            name: flat[offset : offset + size].reshape(shape).clone().to(device).requires_grad_()
            for name, offset, size, shape in case["parameters"]
        }
        self.target = data["target"]
        model, variant = request["model"], request["variant"]
        parameters = list(self.p.values())
        if variant == "pyg":
            network = Pyg(data, model, case["hidden"], case["heads"])
            parameters = network.parameters
        elif model == "graphNetwork":
            network = GraphNetwork(data, case["blocks"], variant == "split")
        else:
            network = Layers(data, LAYERS[model])
        self.parameters = parameters
        self.loss = lambda: F.mse_loss(network(self.p), self.target)
        if request.get("compile"):
            self.loss = torch.compile(self.loss)
        self.optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1e-4)
        self.cuda = device == "cuda"

    def run(self):
        if self.cuda:
            torch.cuda.synchronize()
        started = time.perf_counter()
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.loss()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        # Ours hands the loss out after every step; so does this.
        value = loss.item()
        if self.cuda:
            torch.cuda.synchronize()
        return (time.perf_counter() - started) * 1000, value


def main():
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "load":
            step = Step(request)
            name = torch.cuda.get_device_name() if request.get("device") == "cuda" else "cpu"
            answer = {"ready": True, "torch": torch.__version__, "device": name}
        elif request["op"] == "run":
            runs = [step.run() for _ in range(request["steps"])]
            answer = {"ms": [ms for ms, _ in runs], "loss": runs[0][1]}
        else:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            if torch.cuda.is_available():
                peak = torch.cuda.max_memory_allocated() / 2**20
            answer = {"peakMb": peak}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

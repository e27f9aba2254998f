"""Records fans, gains and what PyTorch's initializers draw, for the tests to compare with.

    python tools/record-fixtures/initializers.py

writes packages/initializers/test/fixtures/initializers.json. Of a million draws each it keeps mean, variance and
quantiles.
"""

import math

import torch
from torch import nn

from layers import array, record

torch.set_num_threads(1)
PROBABILITIES = [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999]


def fans():
    shapes = [(100, 784), (30, 1, 5, 5), (64, 32, 3, 3), (8, 4, 3), (6, 5, 2, 3, 4)]
    return [{"shape": list(s), "fans": nn.init._calculate_fan_in_and_fan_out(torch.empty(s))} for s in shapes]


def gains():
    names = ["linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid", "tanh",
             "relu", "leaky_relu", "selu"]
    rows = [(name, None) for name in names] + [("leaky_relu", 0.2), ("leaky_relu", math.sqrt(5))]
    return [{"nonlinearity": n, "slope": a, "gain": nn.init.calculate_gain(n, a)} for n, a in rows]


def draws(name, fill, shape=(1000, 1000)):
    """Of weights of `shape`, enough of them for a million draws."""
    count = math.ceil(1e6 / math.prod(shape))
    x = torch.stack([fill(torch.empty(shape)) for _ in range(count)]).double().reshape(-1)
    quantiles = torch.quantile(x[:16_000_000], torch.tensor(PROBABILITIES, dtype=torch.float64))
    return {
        "name": name, "shape": list(shape), "count": x.numel(), "mean": x.mean().item(), "variance": x.var().item(),
        "kurtosis": (((x - x.mean()) ** 4).mean() / x.var() ** 2).item(), "probabilities": PROBABILITIES, "quantiles": quantiles.tolist(),
    }


def distributions():
    torch.manual_seed(4)
    init, dense, image = nn.init, (200, 500), (64, 32, 3, 3)
    return [
        draws("uniform", lambda x: init.uniform_(x, -2, 4)),
        draws("normal", lambda x: init.normal_(x, 3, 2)),
        draws("truncatedNormal", init.trunc_normal_),
        draws("truncatedNormal, one-sided", lambda x: init.trunc_normal_(x, 1, 0.5, 0.75, 2)),
        draws("xavierUniform", init.xavier_uniform_, dense),
        draws("xavierUniform, gain", lambda x: init.xavier_uniform_(x, 2), dense),
        draws("xavierUniform, image", init.xavier_uniform_, image),
        draws("xavierNormal", init.xavier_normal_, dense),
        draws("xavierNormal, gain", lambda x: init.xavier_normal_(x, 5 / 3), dense),
        draws("heUniform", lambda x: init.kaiming_uniform_(x, nonlinearity="relu"), dense),
        draws("heUniform, fanOut", lambda x: init.kaiming_uniform_(x, mode="fan_out", nonlinearity="relu"), dense),
        draws("heUniform, leaky", lambda x: init.kaiming_uniform_(x, a=math.sqrt(5)), image),
        draws("heNormal", lambda x: init.kaiming_normal_(x, nonlinearity="relu"), dense),
        draws("heNormal, fanOut, tanh", lambda x: init.kaiming_normal_(x, mode="fan_out", nonlinearity="tanh"), image),
        draws("lecunUniform", lambda x: init.kaiming_uniform_(x, nonlinearity="linear"), dense),
        draws("lecunNormal", lambda x: init.kaiming_normal_(x, nonlinearity="linear"), dense),
        draws("orthogonal", init.orthogonal_, (50, 40)),
        draws("sparse", lambda x: (init.sparse_(x, 0.25, 0.5), x[x != 0])[1], (40, 50)),
    ]


def fixed():
    """Values that are not drawn."""
    rows = [(3, 4), (4, 2)]
    eyes = [{"shape": list(s), "values": array(nn.init.eye_(torch.empty(s)))["data"]} for s in rows]
    rows = [((4, 3, 3), 1), ((3, 4, 2, 3), 1), ((4, 2, 3, 3), 2), ((6, 3, 2, 1, 3), 3), ((2, 2, 4), 1)]
    diracs = [{"shape": list(s), "groups": g, "values": array(nn.init.dirac_(torch.empty(s), g))["data"]} for s, g in rows]
    return {"eyes": eyes, "diracs": diracs}


def inverse_erf():
    x = torch.tensor([0.0, 1e-6, -0.1, 0.5, -0.9, 0.99, 0.9999, -0.999999])
    return {"x": array(x), "y": array(torch.erfinv(x))}


if __name__ == "__main__":
    record("initializers", "initializers", [
        {"fans": fans()}, {"gains": gains()}, {"erfinv": inverse_erf()}, fixed(),
        *({"draws": row} for row in distributions()),
    ])

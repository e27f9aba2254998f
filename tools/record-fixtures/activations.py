"""Records what PyTorch computes for activations: packages/layers/test/fixtures/activations.json

    python tools/record-fixtures/activations.py

All take the same numbers: kinks, zeros, large magnitudes. Infinities are left out where PyTorch's own formula gives NaN.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from recording import array, record

FINITE = [-1e30, -200.0, -88.0, -30.0, -10.0, -6.0, -3.0, -2.0, -1.0, -0.5, -0.1, -1e-3, -1e-20, -0.0]
POINTS = FINITE + [-value for value in reversed(FINITE)]


def case(name, function, options=None, points=POINTS, shape=None):
    x = torch.tensor(points).reshape(shape or (len(points),)).requires_grad_()
    y = function(x)
    upstream = (torch.arange(y.numel()) % 5 + 1).reshape(y.shape) / 4
    y.backward(upstream)
    return {
        "name": name, "options": options or {}, "input": array(x), "upstream": array(upstream),
        "output": array(y), "inputGradient": array(x.grad),
    }


def activations():
    inf = POINTS + [-math.inf, math.inf]
    elementwise = [
        ("relu", F.relu, {}, inf),
        ("relu6", F.relu6, {}, inf),
        ("leakyReLU", F.leaky_relu, {}, inf),
        ("leakyReLU", lambda x: F.leaky_relu(x, 0.2), {"negativeSlope": 0.2}, POINTS),
        ("hardTanh", F.hardtanh, {}, inf),
        ("hardTanh", lambda x: F.hardtanh(x, -2.0, 0.5), {"min": -2, "max": 0.5}, POINTS),
        ("hardSigmoid", F.hardsigmoid, {}, POINTS),
        ("hardSwish", F.hardswish, {}, POINTS),
        ("hardShrink", F.hardshrink, {}, inf),
        ("hardShrink", lambda x: F.hardshrink(x, 2.0), {"lambda": 2}, POINTS),
        ("softShrink", F.softshrink, {}, inf),
        ("softShrink", lambda x: F.softshrink(x, 0.0), {"lambda": 0}, POINTS),
        ("sigmoid", torch.sigmoid, {}, inf),
        ("logSigmoid", F.logsigmoid, {}, inf),
        ("tanh", torch.tanh, {}, inf),
        ("tanhShrink", F.tanhshrink, {}, inf),
        ("softplus", F.softplus, {}, inf),
        ("softplus", lambda x: F.softplus(x, 2.5), {"beta": 2.5}, POINTS),
        ("softsign", F.softsign, {}, POINTS),
        ("elu", F.elu, {}, inf),
        ("elu", lambda x: F.elu(x, 0.3), {"alpha": 0.3}, POINTS),
        ("celu", F.celu, {}, inf),
        ("celu", lambda x: F.celu(x, 0.3), {"alpha": 0.3}, POINTS),
        ("selu", F.selu, {}, inf),
        ("gelu", F.gelu, {}, POINTS),
        # Its gradient at ±10³⁰ is NaN in PyTorch.
        ("gelu", lambda x: F.gelu(x, approximate="tanh"), {"approximate": "tanh"}, POINTS[1:-1]),
        ("silu", F.silu, {}, POINTS),
        ("mish", F.mish, {}, POINTS),
    ]
    cases = [case(name, function, options, points) for name, function, options, points in elementwise]

    finite = [-1e4, 1e4, -1.0, 0.0, 1.0, 88.0, 2.0, -0.0, -3.0, 0.5, 3.0, -88.0]
    for axis in (-1, 1, 0):
        cases.append(case("softmax", nn.Softmax(axis), {"axis": axis}, finite, (2, 3, 2)))
        cases.append(case("logSoftmax", nn.LogSoftmax(axis), {"axis": axis}, finite, (2, 3, 2)))
        cases.append(case("softmin", nn.Softmin(axis), {"axis": axis}, finite, (2, 3, 2)))
    cases.append(case("softmax", nn.Softmax(-1), {"axis": -1}, finite[:3], (3, 1)))
    cases.append(case("glu", nn.GLU(), {"axis": -1}, finite, (2, 3, 2)))
    cases.append(case("glu", nn.GLU(0), {"axis": 0}, finite, (2, 3, 2)))
    record("layers", "activations", cases)


if __name__ == "__main__":
    activations()

"""Records what PyTorch computes for layers with parameters or states: packages/layers/test/fixtures/{layers,dropout}.json

    python tools/record-fixtures/modules.py
"""

import torch
from torch import nn
from torch.nn import functional as F

from recording import array, number, record

torch.set_num_threads(1)


def layer_case(name, module, inputs, options=None, train=True, steps=1):
    """Output and gradients of `steps` forward passes; the last one is compared, and the state after it."""
    module.train(train)
    before = {key: array(value) for key, value in module.state_dict().items()}
    inputs = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
    for _ in range(steps):
        y = module(*inputs)
    upstream = (torch.randn_like(y) * 100).round() / 100
    if y.requires_grad:
        (y * upstream).sum().backward()
    after = {key: array(value) for key, value in module.state_dict().items()}
    return {
        "name": name,
        "options": options or {},
        "train": train,
        "steps": steps,
        "inputs": [array(x) for x in inputs],
        "state": before,
        "upstream": array(upstream),
        "output": array(y),
        "inputGradients": [array(x.grad) for x in inputs if x.is_floating_point()],
        "gradients": {key: array(p.grad) for key, p in module.named_parameters()},
        "changed": {key: value for key, value in after.items() if value != before[key]},
    }


def randomise(module):
    """Short numbers, for a short file."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.empty_like(parameter).uniform_(-100, 100).round() / 100)
        for key, buffer in module.named_buffers():
            if key.endswith("running_var"):
                buffer.copy_(torch.empty_like(buffer).uniform_(50, 200).round() / 100)
            elif key.endswith("running_mean"):
                buffer.copy_(torch.empty_like(buffer).uniform_(-100, 100).round() / 100)
    return module


def layers():
    torch.manual_seed(1)

    def x(*size):
        return (torch.randn(size) * 100).round() / 100

    def case(module, *inputs, **described):
        train, steps = described.pop("train", True), described.pop("steps", 1)
        cases.append(layer_case(type(module).__name__, randomise(module), inputs, described, train, steps))

    cases = []
    case(nn.Linear(4, 3), x(2, 4))
    case(nn.Linear(4, 3, bias=False), x(4), bias=False)
    case(nn.Linear(3, 2), x(2, 5, 3))
    case(nn.Bilinear(3, 2, 4), x(2, 3), x(2, 2))
    case(nn.Bilinear(2, 3, 1, bias=False), x(2, 2, 2), x(2, 2, 3), bias=False)
    case(nn.Embedding(5, 3), torch.tensor([[0, 4], [4, 2]]))
    case(nn.Embedding(5, 3, padding_idx=1), torch.tensor([1, 3, 1, 0]), paddingIdx=1)
    case(nn.Embedding(3, 2, padding_idx=-1), torch.tensor(2), paddingIdx=-1)
    case(nn.Flatten(), x(2, 3, 2, 2))
    case(nn.Unflatten(1, (2, -1)), x(2, 6), arguments=[1, [2, -1]])
    case(nn.Unflatten(-2, (3, 1)), x(3, 2), arguments=[-2, [3, 1]])
    case(nn.Identity(), x(3))
    # The slope counts at 0, too.
    edges = torch.tensor([[-1e30, 0.0, -0.0], [-3.0, 1.0, 1e30]])
    case(nn.PReLU(), edges)
    case(nn.PReLU(3), edges, numParameters=3)
    case(nn.PReLU(2), x(2, 2, 3), numParameters=2)
    norms(case, x)
    record("layers", "layers", cases)


def norms(case, x):
    for train in (True, False):
        case(nn.BatchNorm1d(3), x(5, 3) * 2 + 1, train=train)
        case(nn.BatchNorm1d(2), x(3, 2, 4), train=train)
        case(nn.BatchNorm2d(3), x(2, 3, 2, 3) + 3, train=train, steps=2)
        case(nn.BatchNorm3d(2), x(2, 2, 1, 2, 3), train=train)
        plain = {"affine": False, "trackRunningStats": False}
        case(nn.BatchNorm2d(2, affine=False, track_running_stats=False), x(2, 2, 2, 3), train=train, **plain)
        tracked = {"affine": True, "trackRunningStats": True}
        case(nn.InstanceNorm1d(2), x(2, 2, 4), train=train)
        case(nn.InstanceNorm1d(2, affine=True, track_running_stats=True), x(2, 2, 4), train=train, steps=2, **tracked)
        case(nn.InstanceNorm2d(2, affine=True, track_running_stats=True, momentum=0.3), x(2, 2, 2, 2), train=train,
             momentum=0.3, **tracked)
        case(nn.InstanceNorm3d(2, affine=True, eps=0.1), x(1, 2, 1, 2, 3), train=train, affine=True, eps=0.1)
    case(nn.BatchNorm2d(2, eps=1e-3, momentum=0.3), x(2, 2, 2, 3), eps=1e-3, momentum=0.3)
    case(nn.BatchNorm1d(2, momentum=None), x(4, 2), momentum=None, steps=3)
    case(nn.LayerNorm(4), x(3, 4), arguments=[4])
    case(nn.LayerNorm((2, 3)), x(2, 2, 3), arguments=[[2, 3]])
    case(nn.LayerNorm(4, bias=False, eps=0.1), x(2, 1, 4), arguments=[4], bias=False, eps=0.1)
    case(nn.LayerNorm(4, elementwise_affine=False), x(2, 4), arguments=[4], elementwiseAffine=False)
    case(nn.RMSNorm(4), x(3, 4), arguments=[4])
    case(nn.RMSNorm((2, 2), eps=0.1), x(2, 2, 2), arguments=[[2, 2]], eps=0.1)
    case(nn.RMSNorm(3, elementwise_affine=False), x(2, 3) * 1e-4, arguments=[3], elementwiseAffine=False)
    case(nn.GroupNorm(1, 4), x(2, 4), arguments=[1, 4])
    case(nn.GroupNorm(3, 6), x(2, 6, 3), arguments=[3, 6])
    case(nn.GroupNorm(1, 2, eps=0.1, affine=False), x(1, 2, 2, 2), arguments=[1, 2], eps=0.1, affine=False)
    # All alike: no variance but eps.
    case(nn.LayerNorm(3), torch.full((1, 3), 5.0), arguments=[3])
    case(nn.RMSNorm(3), torch.zeros(1, 3), arguments=[3])
    # A mean that is large beside the deviation: one-pass variances fail here.
    case(nn.BatchNorm1d(2), x(16, 2) + 1000)
    case(nn.LayerNorm(8), x(1, 8) + 1000, arguments=[8])
    case(nn.GroupNorm(1, 2), x(1, 2, 4) + 1000, arguments=[1, 2])
    case(nn.InstanceNorm1d(1), x(1, 1, 8) + 1000)


def dropouts():
    """What AlphaDropout makes of 1 and what it puts in its place: the rest is chance."""
    cases = []
    for p in (0.1, 0.5, 0.9):
        torch.manual_seed(4)
        values = F.alpha_dropout(torch.ones(1000), p, training=True)
        cases.append({"p": p, "kept": number(values.max().item()), "dropped": number(values.min().item())})
    record("layers", "dropout", cases)


if __name__ == "__main__":
    layers()
    dropouts()

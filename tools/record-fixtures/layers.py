"""Records what PyTorch computes for convolutions, optimizers and initializers, for the tests to compare with.

    python tools/record-fixtures/layers.py

writes packages/{cnn,optimizers,initializers}/test/fixtures/*.json. Everything is float32 on one thread.
"""

import torch
from torch import nn
from torch.nn import functional as F

from recording import array, record

torch.set_num_threads(1)


def layer_case(name, module, x, options=None, train=True, steps=1):
    """Output and gradients of `steps` forward passes; the last one is compared, and the state after it."""
    module.train(train)
    before = {key: array(value) for key, value in module.state_dict().items()}
    x = x.clone().requires_grad_()
    for _ in range(steps):
        y = module(x)
    upstream = torch.randn_like(y)
    (y * upstream).sum().backward()
    return {
        "name": name,
        "options": options or {},
        "train": train,
        "steps": steps,
        "input": array(x),
        "state": before,
        "upstream": array(upstream),
        "output": array(y),
        "inputGradient": array(x.grad),
        "gradients": {key: array(p.grad) for key, p in module.named_parameters()},
        "stateAfter": {key: array(value) for key, value in module.state_dict().items()},
    }


def convolutions():
    torch.manual_seed(3)
    x = torch.randn

    def conv(size, *args, **options):
        module = (nn.Conv2d if len(size) == 4 else nn.Conv1d)(*args, **options)
        named = {key: list(v) if isinstance(v, tuple) else v for key, v in options.items()}
        return layer_case(type(module).__name__, module, x(*size), {"arguments": list(args), **named})

    cases = [
        conv((2, 1, 6, 6), 1, 3, 3),
        conv((2, 3, 5, 4), 3, 2, (3, 2), stride=(2, 1), padding=(1, 0)),
        conv((1, 4, 7, 7), 4, 6, 3, padding=2, dilation=2, groups=2, bias=False),
        conv((1, 4, 5, 5), 4, 4, 3, padding=1, groups=4),
        conv((1, 2, 5, 6), 2, 3, 3, padding="same"),
        conv((1, 2, 5, 6), 2, 3, (2, 4), padding="same", dilation=(1, 2)),
        conv((1, 2, 5, 5), 2, 3, 2, padding="valid", stride=2),
        conv((2, 2, 7), 2, 3, 3),
        conv((2, 4, 8), 4, 2, 4, stride=2, padding=1, groups=2),
        conv((1, 1, 6), 1, 2, 4, padding="same"),
    ]
    pooled = x(2, 2, 7, 6)
    for name, module, options in [
        ("MaxPool2d", nn.MaxPool2d(2), {"arguments": [2]}),
        ("MaxPool2d", nn.MaxPool2d(3, stride=2, padding=1), {"arguments": [3], "stride": 2, "padding": 1}),
        ("MaxPool2d", nn.MaxPool2d((2, 3), stride=(2, 1), ceil_mode=True), {"arguments": [[2, 3]], "stride": [2, 1], "ceilMode": True}),
        ("MaxPool2d", nn.MaxPool2d(2, stride=1, dilation=2), {"arguments": [2], "stride": 1, "dilation": 2}),
        ("AvgPool2d", nn.AvgPool2d(2), {"arguments": [2]}),
        ("AvgPool2d", nn.AvgPool2d(3, stride=2, padding=1), {"arguments": [3], "stride": 2, "padding": 1}),
        ("AvgPool2d", nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False, ceil_mode=True),
         {"arguments": [3], "stride": 2, "padding": 1, "countIncludePad": False, "ceilMode": True}),
    ]:
        cases.append(layer_case(name, module, pooled, options))
    # Equal values: the first one wins and takes the gradient.
    cases.append(layer_case("MaxPool2d", nn.MaxPool2d(2), torch.zeros(1, 1, 4, 4), {"arguments": [2]}))
    record("cnn", "layers", cases)

    cases = []
    for size, options in [
        ((2, 3, 5, 6), {"kernel": 3}),
        ((1, 2, 6, 5), {"kernel": (3, 2), "stride": (2, 1), "padding": (1, 0)}),
        ((1, 1, 7, 7), {"kernel": 3, "stride": 2, "padding": 2, "dilation": 2}),
        ((1, 2, 6, 6), {"kernel": 2, "stride": 3}),
    ]:
        image = x(*size)
        named = {("kernel_size" if key == "kernel" else key): v for key, v in options.items()}
        columns = F.unfold(image, **named)
        back = x(*columns.shape)
        cases.append({
            "options": {key: list(v) if isinstance(v, tuple) else v for key, v in options.items()},
            "image": array(image), "columns": array(columns), "given": array(back),
            "folded": array(F.fold(back, size[2:], **named)),
        })
    record("cnn", "im2col", cases)


def optimizers():
    shapes = [(2, 3), (3,), ()]
    variants = [
        ("SGD", {"lr": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("SGD", {"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1}),
        ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
        ("Adagrad", {"lr": 0.5}),
        ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.05, "initial_accumulator_value": 0.1, "eps": 1e-6}),
        ("Adam", {"lr": 0.1}),
        ("Adam", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.1}),
        ("AdamW", {"lr": 0.05, "weight_decay": 0.2}),
    ]
    cases = []
    for seed, (name, options) in enumerate(variants):
        torch.manual_seed(100 + seed)
        parameters = [torch.randn(shape).requires_grad_() for shape in shapes]
        targets = [torch.randn(shape) for shape in shapes]
        curvatures = [torch.rand(shape) + 0.5 for shape in shapes]
        optimizer = getattr(torch.optim, name)(parameters, **options)
        start = [array(p) for p in parameters]
        trajectory = []
        for step in range(12):
            optimizer.zero_grad()
            # The second parameter rests at the third step; the learning rate halves after the sixth.
            used = [i for i in range(3) if not (i == 1 and step == 2)]
            loss = sum((curvatures[i] * (parameters[i] - targets[i]) ** 2).sum() for i in used)
            loss.backward()
            if step == 6:
                for group in optimizer.param_groups:
                    group["lr"] *= 0.5
            optimizer.step()
            trajectory.append([array(p)["data"] for p in parameters])
        state = optimizer.state_dict()["state"]
        moments = {
            f"{i}.{key}": array(value)
            for i, entries in state.items() for key, value in entries.items() if key != "step" and value is not None
        }
        cases.append({
            "name": name, "options": {k: list(v) if isinstance(v, tuple) else v for k, v in options.items()},
            "start": start, "targets": [array(t) for t in targets], "curvatures": [array(c) for c in curvatures],
            "trajectory": trajectory, "moments": moments,
        })
    record("optimizers", "trajectories", cases)


def initializers():
    shapes = [(100, 784), (30, 1, 5, 5), (64, 32, 3, 3), (8, 4, 3)]
    fans = [{"shape": list(s), "fans": nn.init._calculate_fan_in_and_fan_out(torch.empty(s))} for s in shapes]
    names = [("linear", None), ("sigmoid", None), ("tanh", None), ("relu", None), ("leaky_relu", None), ("leaky_relu", 0.2), ("selu", None)]
    gains = [{"nonlinearity": n, "slope": a, "gain": nn.init.calculate_gain(n, a)} for n, a in names]
    x = torch.tensor([0.0, 1e-6, -0.1, 0.5, -0.9, 0.99, 0.9999, -0.999999])
    record("initializers", "initializers", [{"fans": fans}, {"gains": gains}, {"erfinv": {"x": array(x), "y": array(torch.erfinv(x))}}])


if __name__ == "__main__":
    convolutions()
    optimizers()
    initializers()

"""Records what PyTorch computes for layers and losses, for the tests to compare with.

    python tools/record-fixtures/layers.py

writes packages/{layers,cnn}/test/fixtures/*.json. Everything is float32 on one thread.
"""

import json
import math
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[2] / "packages"
torch.set_num_threads(1)


def number(value):
    """JSON has no NaN or infinity: those are strings, which JavaScript's Number() reads."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(f"{value:.9g}")


def array(tensor):
    tensor = tensor.detach()
    return {"shape": list(tensor.shape), "data": [number(v) for v in tensor.reshape(-1).tolist()]}


def write(package, name, content):
    path = ROOT / package / "test" / "fixtures" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in content["cases"])
    path.write_text(f'{{"source":{json.dumps(content["source"])},"cases":[\n{lines}\n]}}\n')


def record(package, name, cases):
    write(package, name, {"source": f"PyTorch {torch.__version__}", "cases": cases})


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


EDGES = torch.tensor([[-30.0, -3.0, -1.0, -1e-3, -0.0, 0.0, 1e-3, 0.5, 1.0, 3.0, 30.0, 100.0]])


def randomise(module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-1, 1)
        for key, buffer in module.named_buffers():
            if key.endswith("running_var"):
                buffer.uniform_(0.5, 2)
            elif key.endswith("running_mean"):
                buffer.uniform_(-1, 1)
    return module


def layers():
    torch.manual_seed(1)
    x = torch.randn
    cases = [
        layer_case("Linear", nn.Linear(4, 3), x(2, 4)),
        layer_case("Linear", nn.Linear(4, 3, bias=False), x(4), {"bias": False}),
        layer_case("Linear", nn.Linear(3, 2), x(2, 5, 3)),
    ]
    for name, module in {
        "ReLU": nn.ReLU(), "LeakyReLU": nn.LeakyReLU(0.2), "Sigmoid": nn.Sigmoid(), "Tanh": nn.Tanh(), "SiLU": nn.SiLU(),
        "GELU": nn.GELU(), "Softmax": nn.Softmax(-1), "LogSoftmax": nn.LogSoftmax(-1),
    }.items():
        cases.append(layer_case(name, module, EDGES))
        cases.append(layer_case(name, module, x(2, 3)))
    cases.append(layer_case("GELU", nn.GELU("tanh"), EDGES, {"approximate": "tanh"}))
    cases.append(layer_case("Softmax", nn.Softmax(1), x(2, 3, 2), {"axis": 1}))
    cases.append(layer_case("LogSoftmax", nn.LogSoftmax(1), x(2, 3, 2), {"axis": 1}))
    cases.append(layer_case("Flatten", nn.Flatten(), x(2, 3, 2, 2)))
    for train in (True, False):
        cases.append(layer_case("BatchNorm1d", randomise(nn.BatchNorm1d(3)), x(5, 3) * 2 + 1, train=train))
        cases.append(layer_case("BatchNorm1d", randomise(nn.BatchNorm1d(2)), x(3, 2, 4), train=train))
        cases.append(layer_case("BatchNorm2d", randomise(nn.BatchNorm2d(3)), x(2, 3, 4, 3) + 3, train=train, steps=2))
        cases.append(layer_case("BatchNorm2d", nn.BatchNorm2d(2, affine=False, track_running_stats=False), x(2, 2, 3, 3),
                                {"affine": False, "trackRunningStats": False}, train=train))
    cases.append(layer_case("BatchNorm2d", randomise(nn.BatchNorm2d(2, eps=1e-3, momentum=0.3)), x(2, 2, 3, 3),
                            {"eps": 1e-3, "momentum": 0.3}))
    cases.append(layer_case("BatchNorm1d", randomise(nn.BatchNorm1d(2, momentum=None)), x(4, 2),
                            {"momentum": None}, steps=3))
    # A mean that is large beside the deviation: one-pass variances fail here.
    cases.append(layer_case("BatchNorm1d", nn.BatchNorm1d(2), x(16, 2) + 1000))
    record("layers", "layers", cases)


def loss_case(name, function, x, target, reduction="mean", **options):
    x = x.clone().requires_grad_()
    loss = function(x, target, reduction=reduction, **options)
    upstream = torch.rand_like(loss) + 0.5
    (loss * upstream).sum().backward()
    kind = "float32" if target.is_floating_point() else "int32"
    return {
        "name": name, "options": {"reduction": reduction}, "input": array(x), "target": {**array(target), "dtype": kind},
        "upstream": array(upstream), "output": array(loss), "inputGradient": array(x.grad),
    }


def losses():
    torch.manual_seed(2)
    large = torch.tensor([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0], [88.0, 89.0, 90.0], [-500.0, -501.0, -502.0]])
    labels = torch.tensor([1, 0, 2, 0])
    cases = []
    for reduction in ("mean", "sum", "none"):
        cases.append(loss_case("softmaxCrossEntropy", F.cross_entropy, torch.randn(5, 4), torch.tensor([0, 3, 1, 2, 3]), reduction))
        cases.append(loss_case("softmaxCrossEntropy", F.cross_entropy, large, labels, reduction))
        cases.append(loss_case("softmaxCrossEntropy", F.cross_entropy, torch.randn(4, 3), torch.rand(4, 3), reduction))
        cases.append(loss_case("softmaxCrossEntropy", F.cross_entropy, torch.randn(2, 3, 2, 2), torch.randint(0, 3, (2, 2, 2)), reduction))
        logits = torch.tensor([[0.0, -0.0, 1.0], [-1.0, 20.0, -20.0], [200.0, -200.0, 3.0]])
        target = torch.tensor([[0.0, 1.0, 0.3], [1.0, 1.0, 0.0], [1.0, 0.0, 0.9]])
        cases.append(loss_case("binaryCrossEntropyWithLogits", F.binary_cross_entropy_with_logits, logits, target, reduction))
        cases.append(loss_case("meanSquaredError", F.mse_loss, torch.randn(3, 2), torch.randn(3, 2), reduction))
    cases.append(loss_case("softmaxCrossEntropy", F.cross_entropy, large, F.one_hot(labels, 3).float()))
    record("layers", "losses", cases)


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


if __name__ == "__main__":
    layers()
    losses()
    convolutions()

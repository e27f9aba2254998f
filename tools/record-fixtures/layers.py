"""Records what PyTorch computes for convolutions, for the tests to compare with.

    python tools/record-fixtures/layers.py

writes packages/cnn/test/fixtures/*.json. Everything is float32 on one thread.
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
    for size, wanted in [((2, 2, 7, 6), 3), ((1, 2, 8, 6), (4, 3)), ((2, 1, 3, 2), (7, 5)), ((1, 2, 5, 6), (None, 4)),
                         ((1, 2, 4, 5), (2, 3)), ((1, 1, 1, 1), 2), ((1, 2, 13, 11), 1)]:
        arguments = {"arguments": [list(wanted) if isinstance(wanted, tuple) else wanted]}
        for module in (nn.AdaptiveAvgPool2d(wanted), nn.AdaptiveMaxPool2d(wanted)):
            cases.append(layer_case(type(module).__name__, module, x(*size), arguments))
    cases.append(layer_case("AdaptiveMaxPool2d", nn.AdaptiveMaxPool2d(3), torch.zeros(1, 1, 5, 5), {"arguments": [3]}))
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
    convolutions()

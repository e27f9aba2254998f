"""Records what PyTorch computes for the layers of packages/cnn, for the tests to compare with.

    python tools/record-fixtures/layers.py

writes packages/cnn/test/fixtures/*.json. Everything is float32 on one thread.
"""

import re
import warnings

import torch
from torch import nn
from torch.nn import functional as F

from recording import array, record

torch.set_num_threads(1)
# That padding 'same' of an even kernel takes a copy.
warnings.filterwarnings("ignore", message="Using padding='same'")


def short(x):
    """Two decimals, for a short file."""
    return (x * 100).round() / 100


def camel(name):
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def plain(value):
    return list(value) if isinstance(value, tuple) else value


def case(name, inputs, *arguments, **options):
    """Output and gradients of `nn.name(*arguments, **options)`. `inputs` are tensors, or the size of one."""
    module = getattr(nn, name)(*arguments, **options)
    inputs = [inputs] if isinstance(inputs, (torch.Tensor, torch.Size)) or isinstance(inputs[0], int) else list(inputs)
    inputs = [x if isinstance(x, torch.Tensor) else short(torch.randn(x)) for x in inputs]
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(short(torch.randn_like(parameter) * 0.3))
    floats = [x.clone().requires_grad_() for x in inputs if x.is_floating_point()]
    y = module(*floats, *(x for x in inputs if not x.is_floating_point()))
    indices = None
    if isinstance(y, tuple):
        y, indices = y
    upstream = short(torch.randn_like(y))
    (y * upstream).sum().backward()
    recorded = {
        "name": name,
        "arguments": [plain(value) for value in arguments],
        "options": {camel(key): plain(value) for key, value in options.items()},
        "inputs": [array(x) for x in inputs],
        "state": {key: array(value) for key, value in module.state_dict().items()},
        "upstream": array(upstream),
        "output": array(y),
        "inputGradients": [array(x.grad) for x in floats],
        "gradients": {key: array(p.grad) for key, p in module.named_parameters()},
    }
    return recorded if indices is None else {**recorded, "indices": array(indices)}


def convolutions():
    torch.manual_seed(3)
    cases = [
        case("Conv2d", (2, 1, 6, 6), 1, 3, 3),
        case("Conv2d", (2, 3, 5, 4), 3, 2, (3, 2), stride=(2, 1), padding=(1, 0)),
        case("Conv2d", (1, 4, 7, 7), 4, 6, 3, padding=2, dilation=2, groups=2, bias=False),
        case("Conv2d", (1, 4, 5, 5), 4, 4, 3, padding=1, groups=4),
        case("Conv2d", (1, 3, 7, 6), 3, 6, 3, stride=2, padding=2, dilation=2, groups=3),
        case("Conv2d", (1, 2, 5, 6), 2, 3, 3, padding="same"),
        case("Conv2d", (1, 2, 5, 6), 2, 3, (2, 4), padding="same", dilation=(1, 2)),
        case("Conv2d", (1, 2, 5, 5), 2, 3, 2, padding="valid", stride=2),
        case("Conv2d", (2, 3, 1, 1), 3, 2, 3, padding=1),
        case("Conv2d", (0, 2, 4, 4), 2, 3, 3),
        case("Conv1d", (2, 2, 7), 2, 3, 3),
        case("Conv1d", (2, 4, 8), 4, 2, 4, stride=2, padding=1, groups=2),
        case("Conv1d", (1, 1, 6), 1, 2, 4, padding="same"),
        case("Conv3d", (2, 2, 3, 4, 4), 2, 3, 2),
        case("Conv3d", (1, 4, 4, 3, 5), 4, 2, (3, 2, 3), stride=(2, 1, 2), padding=(1, 0, 1), groups=2),
        case("Conv3d", (1, 2, 4, 3, 3), 2, 2, (3, 1, 1), padding=(2, 0, 0), dilation=(2, 1, 1), bias=False),
        case("Conv3d", (1, 2, 3, 4, 3), 2, 1, (2, 3, 4), padding="same"),
    ]
    for mode in ("reflect", "replicate", "circular"):
        cases += [
            case("Conv2d", (1, 2, 5, 4), 2, 2, 3, padding=(2, 1), padding_mode=mode),
            case("Conv2d", (2, 1, 4, 5), 1, 2, (2, 4), padding="same", padding_mode=mode),
            case("Conv1d", (1, 2, 6), 2, 2, 3, stride=2, padding=2, padding_mode=mode),
            case("Conv3d", (1, 1, 3, 3, 4), 1, 2, 3, padding=(1, 2, 1), padding_mode=mode),
        ]
    cases += [
        case("ConvTranspose2d", (2, 3, 4, 3), 3, 2, 3),
        case("ConvTranspose2d", (1, 2, 3, 4), 2, 3, 4, stride=2, padding=1),
        case("ConvTranspose2d", (2, 4, 3, 3), 4, 2, 3, stride=2, padding=1, output_padding=1, groups=2, bias=False),
        case("ConvTranspose2d", (1, 3, 2, 3), 3, 3, (3, 2), stride=(1, 3), output_padding=(0, 2), groups=3),
        case("ConvTranspose2d", (1, 2, 4, 4), 2, 2, 3, padding=2, dilation=2, output_padding=1),
        case("ConvTranspose2d", (1, 2, 1, 1), 2, 2, 2),
        case("ConvTranspose2d", (0, 2, 3, 3), 2, 1, 2, stride=2),
        case("ConvTranspose1d", (2, 3, 5), 3, 2, 3),
        case("ConvTranspose1d", (1, 4, 4), 4, 4, 3, stride=3, padding=1, output_padding=2, dilation=2, groups=2),
        case("ConvTranspose3d", (1, 2, 2, 3, 2), 2, 2, 2, stride=2),
        case("ConvTranspose3d", (1, 4, 2, 3, 3), 4, 2, (3, 2, 3), stride=(2, 1, 2), padding=1, output_padding=(1, 0, 1), groups=2),
        case("ConvTranspose3d", (1, 2, 3, 2, 2), 2, 1, (2, 1, 1), stride=(3, 1, 1)),
    ]
    record("cnn", "convolutions", cases)


def poolings():
    torch.manual_seed(4)
    x = short(torch.randn(2, 2, 7, 6))
    cases = [
        case("MaxPool2d", x, 2),
        case("MaxPool2d", x, 3, stride=2, padding=1, return_indices=True),
        case("MaxPool2d", x, (2, 3), stride=(2, 1), ceil_mode=True, return_indices=True),
        case("MaxPool2d", x, 2, stride=1, dilation=2, return_indices=True),
        # Equal values: the first one wins and takes the gradient.
        case("MaxPool2d", torch.zeros(1, 1, 4, 4), 2, return_indices=True),
        case("MaxPool2d", (0, 2, 4, 4), 2),
        case("MaxPool1d", (2, 3, 9), 3, stride=2, padding=1, return_indices=True),
        case("MaxPool1d", (1, 2, 8), 2, ceil_mode=True, dilation=3),
        case("MaxPool3d", (1, 2, 4, 5, 5), 2, ceil_mode=True, return_indices=True),
        case("MaxPool3d", (1, 1, 5, 4, 6), (3, 2, 3), stride=(1, 2, 2), padding=(1, 0, 1), return_indices=True),
        case("MaxPool3d", torch.zeros(1, 1, 4, 4, 4), 2, return_indices=True),
        case("AvgPool2d", x, 2),
        case("AvgPool2d", x, 3, stride=2, padding=1),
        case("AvgPool2d", x, 3, stride=2, padding=1, count_include_pad=False, ceil_mode=True),
        case("AvgPool2d", x, 3, stride=2, padding=1, ceil_mode=True),
        case("AvgPool2d", x, (2, 3), divisor_override=5),
        case("AvgPool1d", (2, 3, 9), 4, stride=2, padding=2, count_include_pad=False),
        case("AvgPool1d", (1, 2, 8), 3, ceil_mode=True),
        case("AvgPool3d", (1, 2, 4, 5, 5), 2, ceil_mode=True),
        case("AvgPool3d", (1, 1, 4, 4, 5), (3, 2, 3), stride=2, padding=1, count_include_pad=False),
        case("AvgPool3d", (1, 1, 4, 4, 5), 2, stride=(1, 2, 2), divisor_override=3),
        case("LPPool2d", x.abs() + 0.1, 2, 2),
        case("LPPool2d", x, 2, (3, 2), stride=2, ceil_mode=True),
        case("LPPool2d", x, 1, 3),
        case("LPPool1d", short(torch.rand(2, 2, 9)) + 0.1, 3, 3, stride=2, ceil_mode=True),
        case("LPPool3d", short(torch.rand(1, 2, 4, 4, 5)) + 0.1, 1.5, 2),
    ]
    for size, wanted in [
        ((2, 2, 7, 6), 3), ((1, 2, 8, 6), (4, 3)), ((2, 1, 3, 2), (7, 5)), ((1, 2, 5, 6), (None, 4)), ((1, 2, 4, 5), (2, 3)),
        ((1, 1, 1, 1), 2), ((1, 2, 13, 11), 1), ((2, 1, 4, 3), (4, 3)), ((0, 2, 5, 5), 3),
    ]:
        cases += [case("AdaptiveAvgPool2d", size, wanted), case("AdaptiveMaxPool2d", size, wanted, return_indices=True)]
    cases += [
        case("AdaptiveMaxPool2d", torch.zeros(1, 1, 5, 5), 3, return_indices=True),
        case("AdaptiveMaxPool2d", (1, 2, 5, 7), (2, 4)),
        case("AdaptiveAvgPool1d", (2, 2, 7), 3), case("AdaptiveAvgPool1d", (1, 2, 6), 2),
        case("AdaptiveMaxPool1d", (2, 2, 7), 3, return_indices=True), case("AdaptiveMaxPool1d", (1, 2, 6), 3),
        case("AdaptiveAvgPool3d", (1, 2, 3, 5, 4), (2, 3, 4)), case("AdaptiveAvgPool3d", (1, 2, 4, 2, 6), 2),
        case("AdaptiveMaxPool3d", (1, 2, 3, 5, 4), (2, 3, 4), return_indices=True),
        case("AdaptiveMaxPool3d", (1, 1, 4, 2, 6), (None, 1, 3), return_indices=True),
    ]
    for n, size, kernel, stride, padding in [
        (1, (2, 2, 6), 2, 2, 0), (2, (1, 2, 6, 4), 2, 2, 0), (2, (2, 1, 7, 5), 3, 2, 1), (2, (1, 1, 5, 6), 3, 1, 0),
        (2, (1, 1, 6, 6), (2, 3), (3, 3), 0), (3, (1, 2, 4, 2, 4), 2, 2, 0), (3, (1, 1, 4, 4, 4), (2, 3, 2), (2, 1, 2), 0),
    ]:
        pooled, indices = getattr(F, f"max_pool{n}d")(short(torch.randn(size)), kernel, stride, padding, return_indices=True)
        # Another value at each place: but where windows share a maximum, the same.
        values = short(torch.randn(size)).flatten(2).gather(2, indices.flatten(2)).reshape(pooled.shape)
        cases.append(case(f"MaxUnpool{n}d", (values, indices), kernel, stride=stride, padding=padding))
    record("cnn", "poolings", cases)


def shapes():
    torch.manual_seed(5)
    cases = [
        case("PixelShuffle", (2, 8, 2, 3), 2), case("PixelShuffle", (1, 9, 2, 1), 3), case("PixelUnshuffle", (2, 2, 4, 6), 2),
        case("PixelUnshuffle", (1, 1, 6, 3), 3),
        case("LocalResponseNorm", (2, 6, 2, 3), 5, alpha=0.5), case("LocalResponseNorm", (1, 5, 4), 4, alpha=2, beta=0.5, k=2),
        case("LocalResponseNorm", (1, 3, 2, 2, 2), 1, alpha=1), case("LocalResponseNorm", (1, 2, 3, 3), 7, alpha=1, beta=1),
        case("Unfold", (1, 2, 5, 4), (3, 2), stride=(2, 1), padding=1), case("Unfold", (1, 1, 6, 6), 2, dilation=2),
        case("Fold", (1, 12, 12), (4, 6), (2, 2), stride=(1, 2), padding=(0, 1)), case("Fold", (2, 4, 9), (5, 5), 2, dilation=2),
    ]
    sides = {1: (2, 1), 2: (2, 1, 0, 3), 3: (1, 2, 0, 1, 2, 0)}
    sizes = {1: (2, 1, 4), 2: (1, 2, 4, 3), 3: (1, 1, 3, 2, 3)}
    for n in (1, 2, 3):
        for kind in ("Zero", "Reflection", "Replication", "Circular"):
            cases += [case(f"{kind}Pad{n}d", sizes[n], 1), case(f"{kind}Pad{n}d", sizes[n], sides[n])]
        cases.append(case(f"ConstantPad{n}d", sizes[n], sides[n], 1.5))
    cases += [
        case("ZeroPad2d", (1, 1, 4, 5), (-1, 2, 0, -2)), case("ConstantPad1d", (1, 1, 4), (-2, -1), 3.0),
        case("ReplicationPad2d", (1, 1, 1, 1), 2), case("ZeroPad2d", (0, 1, 2, 2), 1),
    ]
    record("cnn", "shapes", cases)


def resizings():
    torch.manual_seed(6)
    image, line, volume = (1, 2, 4, 5), (2, 1, 5), (1, 1, 2, 3, 4)
    cases = []
    for mode, size, wanted in [
        ("linear", line, [7, 3, 1]), ("bilinear", image, [(8, 10), (7, 3), (1, 9), 4, (4, 5)]),
        ("trilinear", volume, [(4, 6, 8), (1, 5, 3)]), ("bicubic", image, [(8, 10), (7, 3), (1, 9), (4, 5)]),
    ]:
        for align in (False, True):
            cases += [case("Upsample", size, size=target, mode=mode, align_corners=align) for target in wanted]
            cases.append(case("Upsample", size, scale_factor=1.7, mode=mode, align_corners=align))
    for mode in ("nearest", "nearest-exact", "area"):
        cases += [
            case("Upsample", line, size=8, mode=mode), case("Upsample", image, size=(8, 10), mode=mode),
            case("Upsample", image, size=(3, 7), mode=mode), case("Upsample", volume, size=(3, 5, 2), mode=mode),
        ]
    for mode in ("nearest", "nearest-exact"):
        cases += [
            case("Upsample", image, scale_factor=2.0, mode=mode), case("Upsample", image, scale_factor=(0.5, 1.3), mode=mode),
            case("Upsample", (1, 1, 1, 1), scale_factor=1.5, mode=mode),
        ]
    cases += [
        case("Upsample", (1, 1, 1, 1), size=3, mode="bilinear"), case("Upsample", (1, 1, 1, 2), size=3, mode="bicubic"),
        case("Upsample", (1, 1, 2, 2), scale_factor=1.4, mode="bilinear"),
        case("Upsample", (0, 1, 2, 2), scale_factor=2, mode="nearest"), case("UpsamplingNearest2d", image, scale_factor=2),
        case("UpsamplingBilinear2d", image, scale_factor=2), case("UpsamplingBilinear2d", image, size=(3, 9)),
    ]
    record("cnn", "resizings", cases)


def columns():
    torch.manual_seed(7)
    cases = []
    for size, options in [
        ((2, 3, 5, 6), {"kernel": 3}),
        ((1, 2, 6, 5), {"kernel": (3, 2), "stride": (2, 1), "padding": (1, 0)}),
        ((1, 1, 7, 7), {"kernel": 3, "stride": 2, "padding": 2, "dilation": 2}),
        ((1, 2, 6, 6), {"kernel": 2, "stride": 3}),
    ]:
        image = short(torch.randn(size))
        named = {("kernel_size" if key == "kernel" else key): v for key, v in options.items()}
        found = F.unfold(image, **named)
        back = short(torch.randn(found.shape))
        cases.append({
            "options": {key: plain(v) for key, v in options.items()},
            "image": array(image), "columns": array(found), "given": array(back),
            "folded": array(F.fold(back, size[2:], **named)),
        })
    record("cnn", "im2col", cases)


if __name__ == "__main__":
    convolutions()
    poolings()
    shapes()
    resizings()
    columns()

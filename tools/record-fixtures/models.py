"""Records what torchvision's models compute: packages/models/test/fixtures/{models,weights,densenet}.json, densenet.pth.

    python tools/record-fixtures/models.py [NAME…]

With names, only those models are recorded anew. Weights are not recorded: they follow from the names of the states by the
formula of `filling`, which packages/models/test/filling.ts repeats. All is computed in float64, so that what differs is the
error of the other side; and of weights and images for which float32 can be right: see `DAMPED`, `filling` and `steady`.
"""

import copy
import hashlib
import json
import re
import sys
import warnings
from functools import partial

import numpy
import torch
from torch import nn
from torch.nn import functional as F
from torchvision import __version__ as torchvision_version
from torchvision import models
from torchvision.models.mobilenetv2 import MobileNetV2
from torchvision.models.resnet import BasicBlock, ResNet

from recording import ROOT, number

torch.set_num_threads(1)
warnings.simplefilter("ignore")
FIXTURES = ROOT / "models" / "test" / "fixtures"

# The last scales in the branches of residual blocks, by the model's name: with scales near 1 each block doubles the variance,
# and a deep net in training becomes so sensitive that float32 in PyTorch itself is off by a thousandth.
DAMPED = {
    r"resnet(18|34|20|32|44|56|110)": (r"layer\d\.\d+\.bn2\.weight$", 0.2),
    r"(wide_)?res\w+": (r"bn3\.weight$", 0.2),
    r"efficientnet_b[1-7]": (r"block\.[23]\.1\.weight$", 0.7),
}


def uniform(name, count):
    """`count` numbers in [0, 1), of 24 bits: Murmur3's finaliser of the position and FNV-1a of the name."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 & 0xFFFFFFFF
    h = numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x9E3779B1) + numpy.uint32(seed)
    h ^= h >> numpy.uint32(16)
    h *= numpy.uint32(0x85EBCA6B)
    h ^= h >> numpy.uint32(13)
    h *= numpy.uint32(0xC2B2AE35)
    h ^= h >> numpy.uint32(16)
    return (h >> numpy.uint32(8)) / 2.0**24


def filling(name, shape, calm=False):
    """The values of a state: weights in He's scale, norms near 1, biases and means near 0.

    Calm, norms are near 0.2 and biases in [0, 1): about one input in ten of a ReLU is negative, few are near 0, and a net
    in training does not magnify what rounding changes. Running variances are as much smaller, so that in evaluation images
    are told apart as well.
    """
    if name.endswith("num_batches_tracked"):
        return numpy.array(3)
    u = uniform(name, int(numpy.prod(shape)))
    if name.endswith("running_var"):
        values = (0.04 if calm else 1) * (0.5 + u)
    elif len(shape) > 1:
        values = (2 * u - 1) * numpy.sqrt(6 / numpy.prod(shape[1:]))
    elif name.endswith("weight"):
        values = (0.2 if calm else 1) * (0.75 + 0.5 * u)
    elif calm and name.endswith("bias"):
        values = u
    else:
        values = 0.2 * u - 0.1
    return values.astype(numpy.float32).reshape(shape)


def fill(model, damped=("$^", 1), calm=False):
    pattern, factor = damped
    with torch.no_grad():
        for name, state in model.state_dict().items():
            values = filling(name, state.shape, calm)
            state.copy_(torch.from_numpy(values * numpy.float32(factor) if re.search(pattern, name) else values))
    return model.double()


def images(channels, height, width, seed=0):
    """Noise, and a fainter noise over stripes: nets that take means over the image tell two noises hardly apart."""
    noise = (2 * uniform(f"images {seed}", 2 * channels * height * width) - 1).reshape(2, channels, height, width)
    c, y, x = numpy.meshgrid(*map(numpy.arange, (channels, height, width)), indexing="ij")
    noise[1] = noise[1] / 4 + numpy.where((x + (c + 1) * y) // 8 % 2 == 0, 1, -1)
    return torch.from_numpy(noise.astype(numpy.float32).astype(numpy.float64))


def rounded(values):
    return [number(float(v)) for v in values]


def summary(name, tensor):
    """Its norm, and sums of its elements with random signs, which are about as large."""
    values = tensor.detach().double().reshape(-1)
    signs = [torch.from_numpy(numpy.where(uniform(f"{name} {k}", values.numel()) < 0.5, -1.0, 1.0)) for k in range(3)]
    return {"name": name, "norm": number(values.norm().item()), "sums": rounded([(values * s).sum().item() for s in signs])}


def spread(items, count=6):
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)] if len(items) > count else items


def logits_of(output):
    """GoogLeNet's in training: logits, those of the second auxiliary head, of the first."""
    return list(output) if isinstance(output, tuple) else [output]


def loss_of(outputs, targets):
    main, *auxiliary = [F.cross_entropy(logits, targets) for logits in outputs]
    return main + 0.3 * sum(auxiliary)


def step(model, x):
    """Outputs in training; gradients are in the parameters, those of a loss on the classes 3 and 7."""
    model.zero_grad()
    outputs = logits_of(model.train()(x))
    loss_of(outputs, torch.tensor([3, 7])).backward()
    return outputs


def gradients_of(model, x):
    """By name; of a copy, whose running statistics alone change."""
    step(copy_ := copy.deepcopy(model), x)
    return {key: p.grad for key, p in copy_.named_parameters() if p.grad is not None}


def that_matter(model, gradients):
    """Parameters that the loss depends on: whose relative change moves it a thousandth as much as that of another does.

    Others have gradients that cancel, and of which rounding is a large part: biases and scales that a normalisation takes out.
    """
    weight = {key: (p.norm() * gradients[key].norm()).item() for key, p in model.named_parameters() if key in gradients}
    return [key for key in gradients if weight[key] > 1e-3 * max(weight.values())]


def steady(model, x):
    """Whether no ReLU or maximum is so near to its threshold that float32 may decide it.

    Random relative changes of all weights by 1e-6 and 3e-6, far more than rounding is, must move no gradient that matters
    by more than 50 times as much of its norm: one flipped unit of many thousands moves it by a hundredth.
    """
    before = gradients_of(model, x)
    matter = that_matter(model, before)
    for draw, change in enumerate((1e-6, 3e-6, 1e-6)):
        generator = torch.Generator().manual_seed(draw)
        changed = copy.deepcopy(model)
        with torch.no_grad():
            for p in changed.parameters():
                p.mul_(1 + change * torch.randn(p.shape, generator=generator, dtype=p.dtype))
        after = gradients_of(changed, x)
        if any((after[key] - before[key]).norm() > 50 * change * before[key].norm() for key in matter):
            return False
    return True


def recorded(name, build, whole, size, channels=3, options=None, gradients=False, calm=None):
    """What `build()`, without dropout, says of two images; `whole` is the model as it comes, whose states are counted."""
    states = [f"{key} {list(value.shape)}".replace(" [", "[").replace(", ", ",") for key, value in whole.state_dict().items()]
    calm = gradients and any("running" in state for state in states) if calm is None else calm
    damped = None if calm else next((damped for pattern, damped in DAMPED.items() if re.fullmatch(pattern, name)), None)
    model = fill(build(), damped or ("$^", 1), calm)
    seed = next(s for s in range(100) if not gradients or steady(model, images(channels, *size, s)))
    x = images(channels, *size, seed)
    case = {
        "name": name,
        "options": options or {},
        "parameters": sum(p.numel() for p in whole.parameters()),
        "states": len(states),
        "stateHash": hashlib.sha256("\n".join(states).encode()).hexdigest()[:16],
        "images": [2, channels, *size],
        "seed": seed,
        **({"damped": damped} if damped else {}),
        **({"calm": True} if calm else {}),
    }
    with torch.no_grad():
        evaluated = logits_of(model.eval()(x))[0]
    # Large EfficientNets tell noises hardly apart; with smaller running variances, they magnify float32's errors a millionfold.
    least = 0.002 if re.fullmatch("efficientnet_b[1-7]", name) else 0.05
    assert (evaluated[0] - evaluated[1]).norm() > least * evaluated.norm(), f"{name}: the images look alike to it"
    case["evaluated"] = rounded(evaluated.reshape(-1).tolist())
    if gradients:
        outputs = step(model, x)
    else:
        with torch.no_grad():
            outputs = logits_of(model.train()(x))
    case["trained"] = [rounded(logits.reshape(-1).tolist()) for logits in outputs]
    running = [key for key in model.state_dict() if "running" in key]
    case["running"] = [summary(key, model.state_dict()[key]) for key in spread(running)]
    if gradients:
        found = {key: p.grad for key, p in model.named_parameters() if p.grad is not None}
        case["gradients"] = [summary(key, found[key]) for key in spread(that_matter(model, found), 8)]
    return case


class PaddedShortcut(nn.Module):
    """Option A of He et al. 2016: every second pixel, and zeros for the new channels."""

    def forward(self, x):
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, x.shape[1]))


class CifarResNet(nn.Module):
    """He et al. 2016, section 4.2, of torchvision's blocks."""

    def __init__(self, depth, shortcut, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        for stage, planes in enumerate((16, 32, 64)):
            projection = nn.Sequential(nn.Conv2d(planes // 2, planes, 1, 2, bias=False), nn.BatchNorm2d(planes))
            first = (
                BasicBlock(16, 16)
                if stage == 0
                else BasicBlock(planes // 2, planes, 2, PaddedShortcut() if shortcut == "A" else projection)
            )
            rest = [BasicBlock(planes, planes) for _ in range(1, (depth - 2) // 6)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(first, *rest))
        self.fc = nn.Linear(64, num_classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


class LeNet(nn.Module):
    """LeCun et al. 1998, figure 2, with a linear output."""

    def __init__(self, activation=torch.tanh, pool=F.avg_pool2d, padding=2):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=padding)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.activation, self.pool = activation, pool

    def forward(self, x):
        x = self.pool(self.activation(self.conv1(x)), 2)
        x = self.pool(self.activation(self.conv2(x)), 2).flatten(1)
        return self.fc3(self.activation(self.fc2(self.activation(self.fc1(x)))))


def small_stem(model, channels):
    model.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
    model.maxpool = nn.Identity()
    return model


def without_dropout(model):
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return model


def torchvision_case(name, size=(96, 112), gradients=False, calm=None, small=None, **options):
    make = getattr(models, name)
    # Initial values are not looked at, and GoogLeNet's take a minute.
    extra = {"init_weights": False} if name.startswith(("vgg", "googlenet")) else {}
    extra |= {"stochastic_depth_prob": 0.0} if name.startswith("efficientnet") else {}
    extra |= small or {}
    build = partial(make, num_classes=10, **extra)
    whole = make(**extra)
    return recorded(name, lambda: without_dropout(build()), whole, size, 3, options, gradients, calm)


def cifar_case(depth, shortcut="A", gradients=False):
    build = partial(CifarResNet, depth, shortcut)
    options = {} if shortcut == "A" else {"shortcut": shortcut}
    return recorded(f"resnet{depth}", build, build(), (32, 32), options=options, gradients=gradients)


def lenet_case(size, options, gradients=False, **given):
    build = partial(LeNet, **given)
    return recorded("lenet", build, build(), (size, size), channels=1, options=options, gradients=gradients)


def cases():
    yield "lenet", lambda: [
        lenet_case(28, {}, gradients=True),
        lenet_case(32, {"padding": 0, "activation": "relu", "pooling": "max"}, activation=F.relu, pool=F.max_pool2d, padding=0),
    ]
    yield "alexnet", lambda: [torchvision_case("alexnet", (128, 160), gradients=True)]
    for depth in (11, 13, 16, 19):
        for suffix in ("", "_bn"):
            name = f"vgg{depth}{suffix}"
            # Not calm: a maximum over inputs that differ little is decided by rounding.
            yield name, lambda name=name: [torchvision_case(name, (32, 64), name in ("vgg11", "vgg11_bn"), calm=False)]
    yield "googlenet", lambda: [torchvision_case("googlenet", (64, 80), gradients=True)]
    yield "resnet18", lambda: [
        torchvision_case("resnet18", (224, 224)),
        torchvision_case("resnet18", (64, 80), gradients=True),
        recorded(
            "resnet18",
            lambda: small_stem(models.resnet18(num_classes=10), 1),
            small_stem(models.resnet18(num_classes=10), 1),
            (28, 28),
            channels=1,
            options={"stem": "small", "inChannels": 1, "numClasses": 10},
        ),
    ]
    for name in ("resnet34", "resnet101", "resnet152", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2"):
        yield name, lambda name=name: [torchvision_case(name)]
    yield "resnet50", lambda: [
        torchvision_case("resnet50", (64, 64), gradients=True),
        torchvision_case(
            "resnet50",
            small={"replace_stride_with_dilation": [False, True, True]},
            replaceStrideWithDilation=[False, True, True],
        ),
    ]
    yield "resnext50_32x4d", lambda: [torchvision_case("resnext50_32x4d", (64, 64), gradients=True)]
    yield "cifar", lambda: [
        cifar_case(20, gradients=True),
        cifar_case(20, "B", gradients=True),
        *(cifar_case(depth) for depth in (32, 44, 56, 110)),
    ]
    yield "mobilenet_v2", lambda: [
        torchvision_case("mobilenet_v2", (96, 96), gradients=True),
        torchvision_case("mobilenet_v2", small={"width_mult": 0.35}, widthMult=0.35),
    ]
    yield "mobilenet_v3_small", lambda: [torchvision_case("mobilenet_v3_small", gradients=True)]
    yield "mobilenet_v3_large", lambda: [
        torchvision_case("mobilenet_v3_large"),
        torchvision_case(
            "mobilenet_v3_large",
            (128, 160),
            small={"width_mult": 1.25, "reduced_tail": True, "dilated": True},
            widthMult=1.25,
            reducedTail=True,
            dilated=True,
        ),
    ]
    yield "densenet121", lambda: [torchvision_case("densenet121", (64, 64), gradients=True)]
    for name in ("efficientnet_b0", "squeezenet1_1"):
        yield name, lambda name=name: [torchvision_case(name, gradients=True)]
    others = ("squeezenet1_0", "densenet161", "densenet169", "densenet201", *(f"efficientnet_b{k}" for k in range(1, 8)))
    for name in others:
        yield name, lambda name=name: [torchvision_case(name, (128, 160) if name == "efficientnet_b7" else (96, 112))]


def write_models(wanted):
    path = FIXTURES / "models.json"
    before = json.loads(path.read_text())["cases"] if wanted else []
    groups = {}
    for group, make in cases():
        old = [case for case in before if case["group"] == group and group not in wanted]
        groups[group] = old or [{"group": group, **case} for case in make()]
        print(group, [(case["parameters"], case["seed"]) for case in groups[group]], flush=True)
    write("models", [case for group in groups.values() for case in group], f", PyTorch {torch.__version__}, float64")


def write(name, cases, computed=""):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    source = f"torchvision {torchvision_version}{computed}"
    (FIXTURES / f"{name}.json").write_text(f'{{"source":"{source}","cases":[\n{lines}\n]}}\n')


def write_weights():
    """Where torchvision's weights are, and how their images were made: weights.json."""
    cases = []
    for name in models.list_models(module=models):
        weights = models.get_model_weights(name).DEFAULT
        transforms = weights.transforms()
        cases.append({
            "name": name,
            "url": weights.url,
            "parameters": weights.meta["num_params"],
            "top1": weights.meta["_metrics"]["ImageNet-1K"]["acc@1"],
            "top5": weights.meta["_metrics"]["ImageNet-1K"]["acc@5"],
            "resize": transforms.resize_size[0],
            "crop": transforms.crop_size[0],
            "interpolation": transforms.interpolation.value,
            "mean": transforms.mean,
            "std": transforms.std,
        })
    write("weights", cases)


def write_checkpoint():
    """A small model as torch.save writes it, in densenet.pth, and its logits, in densenet.json."""
    torch.manual_seed(4)
    model = models.DenseNet(growth_rate=4, block_config=(2, 2, 2, 2), num_init_features=8, bn_size=2, num_classes=10)
    x = images(3, 32, 48)
    with torch.no_grad():
        model.train()(x.float())
        torch.save(model.state_dict(), FIXTURES / "densenet.pth")
        logits = model.double().eval()(x)
    case = {"images": list(x.shape), "evaluated": rounded(logits.reshape(-1).tolist())}
    write("densenet", [case], f", PyTorch {torch.__version__}, float64")


if __name__ == "__main__":
    write_checkpoint()
    write_models(sys.argv[1:])
    write_weights()

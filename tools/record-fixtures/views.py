"""Records what PyTorch computes for views into a small network, for the tests to compare with.

    python tools/record-fixtures/views.py

writes packages/cnn/test/fixtures/views.json. The methods are written out from their papers; where Captum
(github.com/meta-pytorch/captum) has settled a convention, such as the mean over overlapping windows, it is
Captum's. Everything is float32 on one thread.
"""

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from recording import array, record

torch.set_num_threads(1)


class Rectifier(torch.autograd.Function):
    """ReLU whose gradient is chosen: plain, guided (Springenberg 2014) or deconvnet (Zeiler 2013)."""

    rule = "plain"

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(context, g):
        (x,) = context.saved_tensors
        active = (x > 0).to(g.dtype)
        return {"plain": g * active, "guided": g.clamp(min=0) * active, "deconvnet": g.clamp(min=0)}[Rectifier.rule]


class Network(nn.Module):
    """A batch norm, a max pooling and a connection that skips a convolution: what views must see through."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.conv2 = nn.Conv2d(3, 3, 3, padding=1)
        self.head = nn.Linear(27, 5)

    def forward(self, x):
        relu = Rectifier.apply
        h = F.max_pool2d(relu(self.norm(self.conv1(x))), 2)
        self.seen = self.conv2(h)
        return self.head((h + relu(self.seen)).flatten(1))


def gradient(network, x, target):
    x = x.detach().clone().requires_grad_()
    score = network(x).gather(1, target[:, None]).sum()
    return torch.autograd.grad(score, x)[0]


def with_rule(rule, f):
    Rectifier.rule = rule
    try:
        return f()
    finally:
        Rectifier.rule = "plain"


def integrated(network, x, target, baseline, nodes):
    total = sum(w * gradient(network, baseline + a * (x - baseline), target) for a, w in nodes)
    attributions = (x - baseline) * total
    score = lambda images: network(images).gather(1, target[:, None])[:, 0]
    gap = attributions.sum((1, 2, 3)) - (score(x) - score(baseline))
    return attributions, gap


def quadrature(rule, n):
    if rule == "gausslegendre":
        at, weight = numpy.polynomial.legendre.leggauss(n)
        return [(float(0.5 * (1 + a)), float(0.5 * w)) for a, w in zip(at, weight)]
    if rule == "trapezoid":
        return [(i / (n - 1), (0.5 if i in (0, n - 1) else 1) / (n - 1)) for i in range(n)]
    shift = {"left": 0, "middle": 0.5, "right": 1}[rule]
    return [((i + shift) / n, 1 / n) for i in range(n)]


def grad_cam(network, x, target, positive, resize):
    score = network(x).gather(1, target[:, None]).sum()
    (g,) = torch.autograd.grad(score, network.seen)
    cam = (g.mean((2, 3), keepdim=True) * network.seen).sum(1, keepdim=True).detach()
    cam = cam.clamp(min=0) if positive else cam
    return F.interpolate(cam, x.shape[2:], mode="bilinear", align_corners=False) if resize else cam


def occlusion(network, x, target, window, stride, baseline):
    score = lambda images: network(images).gather(1, target[:, None])[:, 0]
    (H, W), whole = x.shape[2:], score(x)
    total, count = torch.zeros(len(x), 1, H, W), torch.zeros(1, 1, H, W)
    steps = lambda size, w, s: [i * s for i in range(-(-(size - w) // s) + 1)]
    for top in steps(H, window[0], stride[0]):
        for left in steps(W, window[1], stride[1]):
            mask = torch.zeros(1, 1, H, W)
            mask[:, :, top : top + window[0], left : left + window[1]] = 1
            fall = whole - score(x * (1 - mask) + baseline * mask)
            total += fall[:, None, None, None] * mask
            count += mask
    return total / count


def main():
    torch.manual_seed(12)
    network = Network()
    with torch.no_grad():
        network.norm.weight.uniform_(0.5, 1.5)
        network.norm.bias.normal_(0, 0.3)
        network.norm.running_mean.normal_(0, 0.3)
        network.norm.running_var.uniform_(0.5, 1.5)
    network.eval()
    x, baseline = torch.randn(2, 2, 6, 6), 0.3 * torch.randn(2, 2, 6, 6)
    noise = 0.2 * torch.randn(4, 2, 2, 6, 6)
    given, best = torch.tensor([3, 1]), network(x).argmax(1)
    assert not torch.equal(given, best)

    g, saved = gradient(network, x, given), {}
    saved["inputGradient"] = g
    saved["bestGradient"] = gradient(network, x, best)
    saved["saliency"] = g.abs().amax(1, keepdim=True)
    saved["inputTimesGradient"] = x * g
    saved["guidedBackpropagation"] = with_rule("guided", lambda: gradient(network, x, given))
    saved["deconvolution"] = with_rule("deconvnet", lambda: gradient(network, x, given))
    saved["gradCam"] = grad_cam(network, x, given, True, True)
    saved["gradCamSmall"] = grad_cam(network, x, given, True, False)
    saved["gradCamSigned"] = grad_cam(network, x, given, False, True)
    saved["guidedGradCam"] = saved["guidedBackpropagation"] * saved["gradCam"]
    samples = torch.stack([gradient(network, x + n, given) for n in noise])
    saved["smoothGrad"] = samples.mean(0)
    saved["smoothGradSquare"] = (samples**2).mean(0)
    saved["smoothGradVariance"] = samples.var(0, correction=0)
    saved["smoothGuided"] = with_rule(
        "guided", lambda: torch.stack([gradient(network, x + n, given) for n in noise]).mean(0)
    )
    for rule in ["gausslegendre", "left", "right", "middle", "trapezoid"]:
        attributions, gap = integrated(network, x, given, baseline, quadrature(rule, 7))
        saved[f"integratedGradients.{rule}"], saved[f"gap.{rule}"] = attributions, gap
    with torch.no_grad():
        saved["occlusion"] = occlusion(network, x, given, (3, 2), (2, 1), 0.5)
        saved["occlusionImage"] = occlusion(network, x, best, (4, 4), (3, 3), baseline)
        network(x)
        saved["conv1"], saved["conv2"] = network.conv1(x), network.seen
    record(
        "cnn",
        "views",
        [
            {
                "state": {key: array(value) for key, value in network.state_dict().items()},
                "x": array(x),
                "baseline": array(baseline),
                "noise": array(noise),
                "target": given.tolist(),
                "views": {name: array(value) for name, value in saved.items()},
            }
        ],
    )


if __name__ == "__main__":
    main()

"""Networks and layers in PyTorch, with the same numbers in their weights as everywhere; see workloads/resnet.ts."""
import math

import torch
import torch.nn.functional as F
from torch import nn


def numbers(*shape, scale=1.0):
    """`numbers` of work.ts. Products that overflow keep their lower 32 bits, which are all that count."""
    powers = torch.full((math.prod(shape),), 1_664_525).cumprod(0)
    sums = torch.cat([torch.ones(1, dtype=torch.int64), 1 + powers[:-1].cumsum(0)])
    states = (powers * 12_345 + sums * 1_013_904_223) & 0xFFFFFFFF
    return ((states.double() / 2**31 - 1) * scale).float().reshape(shape)


def weight(*shape):
    return numbers(*shape, scale=math.sqrt(6 / math.prod(shape[1:])))


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride > 1:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn2(self.conv2(y)) + shortcut, inplace=True)


class ResNet18(nn.Module):
    def __init__(self, network):
        super().__init__()
        widths, large = network['widths'], network['stem'] == 'large'
        self.conv1 = nn.Conv2d(3, widths[0], 7 if large else 3, 2 if large else 1, 3 if large else 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.pool = nn.MaxPool2d(3, 2, 1) if large else nn.Identity()
        for stage, width in enumerate(widths):
            before = widths[max(stage - 1, 0)]
            blocks = nn.Sequential(BasicBlock(before, width, 2 if stage > 0 else 1), BasicBlock(width, width, 1))
            setattr(self, f'layer{stage + 1}', blocks)
        self.fc = nn.Linear(widths[-1], network['classes'])

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x)), inplace=True))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return self.fc(x.mean((2, 3)))


def folded_resnet(network, layout):
    """ResNet-18 in use: batch normalisation has become part of weights and biases."""
    parameters = {}
    for name, module in ResNet18(network).named_modules():
        if isinstance(module, nn.Conv2d):
            options = {'bias': numbers(module.out_channels, scale=0.1), 'stride': module.stride, 'padding': module.padding}
            parameters[name] = {'weight': layout(weight(*module.weight.shape)), **options}
    fc = weight(network['classes'], network['widths'][-1])
    bias = numbers(network['classes'], scale=0.1)

    def convolution(name, x):
        return F.conv2d(x, **parameters[name])

    def forward(x):
        x = F.relu_(convolution('conv1', x))
        if network['stem'] == 'large':
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(4):
            for block in (0, 1):
                name = f'layer{stage + 1}.{block}'
                y = convolution(f'{name}.conv2', F.relu_(convolution(f'{name}.conv1', x)))
                shortcut = f'{name}.downsample.0'
                x = F.relu_(y.add_(convolution(shortcut, x) if shortcut in parameters else x))
        return F.linear(x.mean((2, 3)), fc, bias)
    return forward


def lstm_step(lstm, x, optimizer):
    def step():
        optimizer.zero_grad()
        loss = lstm(x)[0].square().mean()
        loss.backward()
        optimizer.step()
        return loss
    return step

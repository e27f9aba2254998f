"""The process in which PyTorch does its work. Speaks the protocol of child.ts: one JSON object to a line."""
import json
import math
import sys
import time

MARK = '@bench '
variant, threads = sys.argv[1], int(sys.argv[2])


def reply(**message):
    print(MARK + json.dumps(message), flush=True)


try:
    import torch
    import torch.nn.functional as F
    from torch import nn
    from pytorch_networks import ResNet18, folded_resnet, lstm_step
    torch.set_num_threads(threads)
    problem = None
except Exception as error:  # a Python without torch
    problem = f'not installed: {error}'

channels_last = variant == 'torch-channels-last'


def layout(x):
    return x.contiguous(memory_format=torch.channels_last) if channels_last else x


def gemm(what):
    size, transposed, repeat = what['size'], what['transposed'], what['repeat']
    a, b = (torch.randn(size, size) / math.sqrt(size) for _ in range(2))

    def iterate():
        with torch.no_grad():
            c = a
            for _ in range(repeat):
                c = (c.t() if transposed == 'left' else c) @ (b.t() if transposed == 'right' else b)
    return iterate


def conv(what):
    x, w, g = (layout(torch.randn(what[name])) for name in ('input', 'weight', 'output'))
    options = {name: what[name] for name in ('stride', 'padding', 'groups')}
    backward = what['backward']
    x.requires_grad_(backward)
    w.requires_grad_(backward)

    def iterate():
        y = F.conv2d(x, w, **options)
        if backward:
            torch.autograd.grad(y, (x, w), g)
    return iterate


def training(model, x, optimizer):
    t = torch.arange(x.shape[0]) % 10

    def iterate():
        optimizer.zero_grad()
        F.cross_entropy(model(x), t).backward()
        optimizer.step()
    return iterate


def mlp(what):
    sizes = what['sizes']
    layers = []
    for k in range(len(sizes) - 1):
        layers += [nn.Linear(sizes[k], sizes[k + 1]), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    adam = what['optimizer'] == 'adam'
    optimizer = (torch.optim.Adam if adam else torch.optim.SGD)(model.parameters(), lr=1e-3 if adam else 0.1)
    return training(model, torch.rand(what['batch'], sizes[0]), optimizer)


def convnet(what):
    make = {
        'convolution': lambda layer: nn.Conv2d(*layer['channels'], layer['kernel'], padding=layer['padding']),
        'linear': lambda layer: nn.Linear(*layer['sizes']),
        'pool': lambda layer: nn.MaxPool2d(2),
        'flatten': lambda layer: nn.Flatten(),
        'relu': lambda layer: nn.ReLU(),
        'dropout': lambda layer: nn.Dropout(0.5),
    }
    model = nn.Sequential(*(make[layer['kind']](layer) for layer in what['layers']))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    x = layout(torch.rand(what['batch'], 1, 28, 28))
    return training(model, x, torch.optim.Adam(model.parameters(), lr=1e-3))


def resnet(what):
    network = what['network']
    model = ResNet18(network)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    x = layout(torch.rand(network['batch'], 3, network['size'], network['size']))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    return training(model, x, optimizer)


def resnet_inference(what):
    network = what['network']
    forward = folded_resnet(network, layout)
    x = layout(torch.rand(network['batch'], 3, network['size'], network['size']))

    def iterate():
        with torch.inference_mode():
            forward(x)
    return iterate


def lstm(what):
    model = nn.LSTM(what['sequence'][-1], what['hidden'])
    return lstm_step(model, torch.rand(what['sequence']), torch.optim.SGD(model.parameters(), lr=0.1))


def elementwise(what):
    x, y = torch.randn(what['elements']), torch.randn(what['elements'])

    def iterate():
        with torch.no_grad():
            torch.sigmoid(x * y + x) * y - x
    return iterate


def softmax(what):
    x = torch.randn(what['shape'])

    def iterate():
        with torch.no_grad():
            torch.softmax(x, 1)
    return iterate


def batch_norm(what):
    shape = what['shape']
    x, g = layout(torch.randn(shape)).requires_grad_(), layout(torch.randn(shape))
    layer = nn.BatchNorm2d(shape[1])

    def iterate():
        torch.autograd.grad(layer(x), (x, layer.weight, layer.bias), g)
    return iterate


works = {
    'gemm': gemm, 'conv': conv, 'mlp': mlp, 'convnet': convnet, 'resnet': resnet,
    'resnet-inference': resnet_inference, 'lstm': lstm, 'elementwise': elementwise, 'softmax': softmax,
    'batch-norm': batch_norm,
}


def sample(iterate, budget):
    times = []
    end = time.perf_counter() + budget / 1000
    while True:
        start = time.perf_counter()
        iterate()
        now = time.perf_counter()
        times.append((now - start) * 1000)
        if now >= end or len(times) >= 1000:
            return times


def resident():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * 4096


def grow(iterate, steps, limit):
    before, end, step = resident(), time.perf_counter() + limit / 1000, 0
    while step < steps and time.perf_counter() < end:
        if step == max(10, steps // 10):
            before = resident()
        iterate()
        step += 1
    return {'bytes': resident() - before, 'steps': step}


iterate = None
for line in sys.stdin:
    request = json.loads(line)
    try:
        if problem:
            reply(error=problem)
        elif request['command'] == 'prepare':
            iterate = works[request['work']](request['what'])
            first = sample(iterate, 0)[0]
            if request['slow'] <= first < 4 * request['slow']:
                first = sample(iterate, 0)[0]
            if first < request['slow']:
                sample(iterate, request['warmUp'])
            reply(first=first)
        elif request['command'] == 'sample':
            reply(times=sample(iterate, request['budget']))
        else:
            reply(grown=grow(iterate, request['steps'], request['limit']))
    except Exception as error:
        reply(error=str(error).split('\n')[0])

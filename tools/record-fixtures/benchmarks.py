"""Records what PyTorch computes with small forms of the networks of benchmarks/workloads.

    python tools/record-fixtures/benchmarks.py

writes benchmarks/test/fixtures/networks.json. Everything is float32 on one thread.
"""

import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

ROOT = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.append(str(ROOT / "side-by-side"))

from pytorch_networks import ResNet18, folded_resnet, lstm_step, numbers, weight  # noqa: E402

torch.set_num_threads(1)


def set_weights(model, bound=None):
    with torch.no_grad():
        for parameter in model.parameters():
            if bound is not None:
                parameter.copy_(numbers(*parameter.shape, scale=bound))
            elif parameter.dim() > 1:
                parameter.copy_(weight(*parameter.shape))
    return model


def resnet_training():
    network = {"batch": 4, "size": 16, "classes": 10, "widths": [8, 16, 24, 32], "stem": "small"}
    model = set_weights(ResNet18(network))
    with torch.no_grad():
        model.fc.bias.zero_()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    x, t = numbers(4, 3, 16, 16), torch.arange(4) % 10
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"network": network, "losses": losses}


def resnet_inference():
    network = {"batch": 1, "size": 48, "classes": 10, "widths": [8, 16, 24, 32], "stem": "large"}
    with torch.inference_mode():
        logits = folded_resnet(network, lambda x: x)(numbers(1, 3, 48, 48))
    return {"network": network, "logits": logits.flatten().tolist()}


def lstm():
    sequence, hidden = [5, 3, 7], 6
    model = set_weights(nn.LSTM(sequence[-1], hidden), 1 / math.sqrt(hidden))
    step = lstm_step(model, numbers(*sequence), torch.optim.SGD(model.parameters(), lr=10))
    return {"sequence": sequence, "hidden": hidden, "losses": [step().item() for _ in range(3)]}


fixtures = {
    "source": f"PyTorch {torch.__version__}", "resnetTraining": resnet_training(),
    "resnetInference": resnet_inference(), "lstm": lstm(),
}
path = ROOT / "test" / "fixtures" / "networks.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(fixtures, indent=2) + "\n")

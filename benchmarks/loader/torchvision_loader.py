"""The same files and transforms through torchvision: python torchvision_loader.py DIRECTORY JITTER ROUNDS"""

import json
import statistics
import sys
import time

import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

directory, jitter, rounds = sys.argv[1], sys.argv[2] == "true", int(sys.argv[3])
torch.set_num_threads(1)

steps = [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip()]
if jitter:
    steps.append(transforms.ColorJitter(0.4, 0.4, 0.4, 0.1))
steps += [transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
dataset = datasets.ImageFolder(directory, transforms.Compose(steps))


def rate(loader: DataLoader) -> float:
    start = time.perf_counter()
    images = sum(x.shape[0] for x, _ in loader)
    return images / (time.perf_counter() - start)


if __name__ == "__main__":
    loaders = {
        workers: DataLoader(
            dataset, batch_size=32, shuffle=True, num_workers=workers, persistent_workers=workers > 0
        )
        for workers in (0, 1, 2)
    }
    rates = {workers: [] for workers in loaders}
    for round in range(-1, rounds):
        for workers, loader in loaders.items():
            measured = rate(loader)
            if round >= 0:
                rates[workers].append(measured)
    print(json.dumps({workers: statistics.median(each) for workers, each in rates.items()}))

"""Random cases by a hash of integers, which tests compute too: packages/detection/test/draws.ts."""

import torch

MASK = 0xFFFFFFFF


def draw(seed, i):
    h = (seed * 0x9E3779B1 + i * 0x85EBCA6B + 1) & MASK
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        h = ((h ^ (h >> shift)) * factor) & MASK
    return h ^ (h >> 15)


def list_hash(values):
    h = 2166136261
    for value in values:
        h = ((h ^ (value & MASK)) * 16777619) & MASK
    return h


def weighted(seed, tensor):
    return sum(value * (draw(seed, 5000 + i) % 1000) / 1000 for i, value in enumerate(tensor.reshape(-1).tolist()))


def boxes_of(seed, start, count, flat):
    rows = []
    for k in range(count):
        x, y, w, h = (draw(seed, start + 4 * k + i) for i in range(4))
        wide = 0 if flat and k % 7 == 6 else 1 + w % 160
        rows.append([x % 256 / 4, y % 256 / 4, (x % 256 + wide) / 4, (y % 256 + 1 + h % 160) / 4])
    return torch.tensor(rows).reshape(-1, 4)

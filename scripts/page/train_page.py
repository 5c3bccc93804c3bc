"""Trains a network of the page for one pass from weights in a file, and prints the losses as JSON.

train_page.py NETWORK WEIGHTS LR IMAGES
"""

import gzip
import json
import struct
import sys

import numpy as np
import torch
from torch import nn

DATA = "/usr/share/datasets/fashion-mnist"
BATCH = 25


def read_weights(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header, rest = json.loads(file.read(size)), file.read()
    types = {"F32": np.float32, "I32": np.int32, "I64": np.int64}
    state = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = np.frombuffer(rest[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
        state[name] = torch.from_numpy(values.copy())
    return state


def lenet(activation, pool, with_norm):
    maps = (lambda n: [nn.BatchNorm2d(n)]) if with_norm else (lambda n: [])
    features = (lambda n: [nn.BatchNorm1d(n)]) if with_norm else (lambda n: [])
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), *maps(6), activation(), pool(2, stride=2),
        nn.Conv2d(6, 16, 5), *maps(16), activation(), pool(2, stride=2), nn.Flatten(),
        nn.Linear(400, 120), *features(120), activation(),
        nn.Linear(120, 84), *features(84), activation(), nn.Linear(84, 10),
    )


NETWORKS = {
    "lenet": lambda: lenet(nn.Sigmoid, nn.AvgPool2d, False),
    "lenet-max": lambda: lenet(nn.Sigmoid, nn.MaxPool2d, False),
    "relu-max": lambda: lenet(nn.ReLU, nn.MaxPool2d, False),
    "batch-norm": lambda: lenet(nn.Sigmoid, nn.AvgPool2d, True),
}


def main():
    name, weights, lr, count = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(1)
    with gzip.open(f"{DATA}/train-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(16 + count * 784), np.uint8, offset=16)
    with gzip.open(f"{DATA}/train-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(8 + count), np.uint8, offset=8)
    x = torch.from_numpy(pixels.reshape(count, 1, 28, 28).copy()).to(torch.float32).div(255)
    y = torch.from_numpy(labels.copy()).to(torch.int64)
    net = NETWORKS[name]()
    net.load_state_dict(read_weights(weights))
    optimizer, loss = torch.optim.SGD(net.parameters(), lr), nn.CrossEntropyLoss()
    losses = []
    for start in range(0, count, BATCH):
        optimizer.zero_grad()
        value = loss(net(x[start : start + BATCH]), y[start : start + BATCH])
        value.backward()
        optimizer.step()
        losses.append(value.item())
    print(json.dumps(losses))


main()

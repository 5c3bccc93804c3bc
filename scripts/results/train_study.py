#!/usr/bin/python3
"""Trains the study's networks in PyTorch, for docs/results.md: one JSON line a run.

    /usr/bin/python3 scripts/results/train_study.py --seeds 1,2,3 --only exercise_1 >> runs/pytorch.jsonl

Settings are those of examples/exercise_*.ts, under the same names: SGD, batches of 256, weights from xavier_uniform_,
mean loss and accuracy over the epoch's own steps. All images lie in memory, so that loading them costs next to nothing.
"""
import argparse
import gzip
import json
import time
from pathlib import Path

import torch
from torch import nn

BATCH = 256


def read_idx(root, name):
    path = root / f"{name}.gz"
    data = gzip.open(path).read() if path.exists() else (root / name).read_bytes()
    return torch.frombuffer(bytearray(data[4 + 4 * data[3]:]), dtype=torch.uint8)


def load(root, limit):
    def split(prefix):
        images = read_idx(root, f"{prefix}-images-idx3-ubyte").reshape(-1, 1, 28, 28)[:limit].float() / 255
        return images, read_idx(root, f"{prefix}-labels-idx1-ubyte")[:limit].long()

    return split("train"), split("t10k")


def lenet(pool=nn.AvgPool2d):
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), pool(2), nn.Conv2d(6, 16, 5), nn.Sigmoid(), pool(2), nn.Flatten(),
        nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))


def three_convolutions(a, b, c, activation=nn.ReLU):
    layers = []
    for n, m, k in [(1, a, 5), (a, b, 3), (b, c, 3)]:
        layers += [nn.Conv2d(n, m, k, padding=k // 2), activation(), nn.MaxPool2d(2)]
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(9 * c, 120), activation(), nn.Linear(120, 84), activation(), nn.Linear(84, 10))


def improved_lenet():
    return nn.Sequential(
        nn.Conv2d(1, 10, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(10, 20, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(320, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def four_convolutions(*fc):
    layers = []
    for n, m in [(1, 32), (32, 64), (64, 128), (128, 256)]:
        layers += [nn.Conv2d(n, m, 3, padding=1), nn.ReLU()] + ([nn.MaxPool2d(2)] if m in (64, 256) else [])
    layers.append(nn.Flatten())
    for n, m in zip(fc, fc[1:]):
        layers += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


# script, network, how it is made, learning rate, epochs, and on how many images unless on all
RUNS = [
    ("lenet", "LeNet", lenet, 0.9, 10, None),
    ("exercise_1", "average pooling", lenet, 0.9, 10, None),
    ("exercise_1", "max pooling", lambda: lenet(nn.MaxPool2d), 0.9, 10, None),
    ("exercise_2", "1 window size", lambda: three_convolutions(6, 16, 32), 0.1, 10, None),
    ("exercise_2", "2 channels", lambda: three_convolutions(10, 20, 40), 0.1, 10, None),
    ("exercise_2", "3 activation", lambda: three_convolutions(6, 16, 32, nn.LeakyReLU), 0.1, 10, None),
    ("exercise_2", "6 lr 0.001", lenet, 0.001, 20, None),
    ("exercise_2", "6 lr 0.9", lenet, 0.9, 20, None),
    ("exercise_2_deep", "4 convolutions", lambda: four_convolutions(12544, 512, 256, 10), 0.1, 3, 6000),
    ("exercise_2_deep", "5 linear layers", lambda: four_convolutions(12544, 512, 256, 128, 10), 0.1, 3, 6000),
    ("exercise_3", "improved LeNet", improved_lenet, 0.01, 10, None),
]


def init_weights(module):
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        nn.init.xavier_uniform_(module.weight)


def train(net, data, lr, epochs):
    """Returns the last epoch's mean loss and training accuracy, the test accuracy, and the seconds of all training."""
    (images, labels), (test_images, test_labels) = data
    optimizer, criterion = torch.optim.SGD(net.parameters(), lr=lr), nn.CrossEntropyLoss()
    net.apply(init_weights)
    seconds = 0
    for _ in range(epochs):
        started = time.perf_counter()
        loss_sum, right = torch.zeros(()), torch.zeros((), dtype=torch.long)
        net.train()
        for chosen in torch.randperm(len(images)).split(BATCH):
            x, y = images[chosen], labels[chosen]
            optimizer.zero_grad()
            logits = net(x)
            loss = criterion(logits, y)
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                loss_sum += loss * len(x)
                right += (logits.argmax(1) == y).sum()
        seconds += time.perf_counter() - started
    net.eval()
    with torch.no_grad():
        test_right = sum((net(x).argmax(1) == y).sum().item()
                         for x, y in zip(test_images.split(BATCH), test_labels.split(BATCH)))
    n = len(images)
    return loss_sum.item() / n, right.item() / n, test_right / len(test_images), seconds


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--seeds", default="3", help="numbers with commas between them")
parser.add_argument("--epochs", type=int, help="instead of each network's own")
parser.add_argument("--limit", type=int, help="only the first images of each split, instead of each network's own")
parser.add_argument("--only", default="", help="only the runs whose script and network begin so, as exercise_1")
parser.add_argument("--root", default="/usr/share/datasets/fashion-mnist", help="folder of Fashion-MNIST")
args = parser.parse_args()
for seed in map(int, args.seeds.split(",")):
    for script, network, make, lr, own_epochs, own_limit in RUNS:
        if not f"{script} {network}".startswith(args.only):
            continue
        torch.manual_seed(seed)
        epochs, limit = args.epochs or own_epochs, args.limit or own_limit
        data = load(Path(args.root), limit)
        loss, train_acc, test_acc, seconds = train(make(), data, lr, epochs)
        print(json.dumps({
            "network": network, "seed": seed, "epochs": epochs, "lr": lr, "limit": limit, "dataset": "fashion-mnist",
            "batchSize": BATCH, "optimizer": "sgd", "schedule": "constant", "augment": "none",
            "trainLoss": loss, "trainAcc": train_acc, "testAcc": test_acc,
            "examplesPerSec": len(data[0][0]) * epochs / seconds, "seconds": seconds,
            "device": f"PyTorch {torch.__version__}, CPU threads: {torch.get_num_threads()}",
        }), flush=True)

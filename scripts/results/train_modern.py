#!/usr/bin/python3
"""Trains examples/modern_lenet.ts's residual network in PyTorch, with the same settings, and prints one JSON line.

    /usr/bin/python3 scripts/results/train_modern.py --epochs 2 --seed 3

The options and their defaults are those of the script. Images come from memory; the seconds are those of training
alone. `--data` is a folder with the four files of Fashion-MNIST, by default Debian's.
"""
import argparse
import gzip
import json
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
parser.add_argument("--lr", type=float)
parser.add_argument("--schedule", choices=["cosine", "one-cycle", "constant"], default="cosine")
parser.add_argument("--augment", choices=["none", "flip", "crop", "both"], default="none")
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--batch-size", type=int, default=128)
parser.add_argument("--seed", type=int, default=3)
parser.add_argument("--limit", type=int)
parser.add_argument("--threads", type=int)
parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
args = parser.parse_args()
if args.threads:
    torch.set_num_threads(args.threads)


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity() if inputs == outputs and stride == 1 else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ModernLeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.stage1 = nn.Sequential(Residual(16, 16), Residual(16, 16))
        self.pool = nn.MaxPool2d(2)
        self.stage2 = nn.Sequential(Residual(16, 32, 2), Residual(32, 32))
        self.average = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.stage2(self.pool(self.stage1(self.stem(x))))
        return self.fc(self.average(x).flatten(1))


def read(split):
    def array(name, header):
        with gzip.open(f"{args.data}/{split}-{name}-ubyte.gz") as file:
            return np.frombuffer(file.read(), np.uint8, offset=header).copy()
    y = torch.tensor(array("labels-idx1", 8)).long()
    x = torch.tensor(array("images-idx3", 16)).reshape(len(y), 1, 28, 28).float() / 255
    return x[:args.limit], y[:args.limit]


def augmented(x):
    n = len(x)
    if args.augment in ("crop", "both"):
        rows = torch.randint(5, (n, 1, 1)) + torch.arange(28).view(1, 28, 1)
        columns = torch.randint(5, (n, 1, 1)) + torch.arange(28).view(1, 1, 28)
        x = F.pad(x, (2, 2, 2, 2))[torch.arange(n).view(n, 1, 1), 0, rows, columns].unsqueeze(1)
    if args.augment in ("flip", "both"):
        x = torch.where(torch.rand(n, 1, 1, 1) < 0.5, x.flip(3), x)
    return x


torch.manual_seed(args.seed)
net, (train_x, train_y), (test_x, test_y) = ModernLeNet(), read("train"), read("t10k")
if args.optimizer == "adam":
    optimizer = torch.optim.Adam(net.parameters(), lr=args.lr or 0.01)
else:
    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr or 0.1, momentum=0.9, weight_decay=5e-4)
batches = -(-len(train_x) // args.batch_size)
steps = batches * args.epochs
rate = optimizer.param_groups[0]["lr"]
schedule = {
    "cosine": lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps),
    "one-cycle": lambda: torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps + 1),
    "constant": lambda: None,
}[args.schedule]()

history = []
for epoch in range(1, args.epochs + 1):
    net.train()
    loss_sum, right, start = 0.0, 0, time.perf_counter()
    for places in torch.randperm(len(train_x)).split(args.batch_size):
        x, y = augmented(train_x[places]), train_y[places]
        optimizer.zero_grad()
        logits = net(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        if schedule:
            schedule.step()
        loss_sum += loss.item() * len(y)
        right += (logits.argmax(1) == y).sum().item()
    seconds = time.perf_counter() - start
    net.eval()
    with torch.no_grad():
        pairs = zip(test_x.split(1000), test_y.split(1000))
        test_right = sum((net(x).argmax(1) == y).sum().item() for x, y in pairs)
    history.append({"epoch": epoch, "trainLoss": loss_sum / len(train_y), "trainAcc": right / len(train_y),
                    "testAcc": test_right / len(test_y), "seconds": round(seconds, 1)})
settings = {k: v for k, v in vars(args).items() if k not in ("data", "threads", "batch_size")}
last, seconds = history[-1], sum(epoch["seconds"] for epoch in history)
print(json.dumps({
    "network": "residual network", **settings, "batchSize": args.batch_size, "lr": rate, "dataset": "fashion-mnist",
    "trainLoss": last["trainLoss"], "trainAcc": last["trainAcc"], "testAcc": last["testAcc"],
    "seconds": round(seconds, 1), "examplesPerSec": round(args.epochs * len(train_y) / seconds, 1),
    "device": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", "history": history,
}))

"""Contender: PyTorch on the CPU. The variant is its number of threads. See protocol.ts for how it is asked."""
import json
import sys
import time

import torch
from torch import nn

folder = sys.argv[1]
with open(f"{folder}/job.json", encoding="utf-8") as file:
    job = json.load(file)
network, batch = job["network"], job["network"]["batch"]
torch.set_num_threads(int(job["variant"]))


def values(name, dtype):
    with open(f"{folder}/{name}", "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=dtype)


class Residual(nn.Module):
    def __init__(self, main, shortcut):
        super().__init__()
        self.main, self.shortcut, self.relu = main, shortcut, nn.ReLU()

    def forward(self, x):
        return self.relu(self.main(x) + self.shortcut(x))


def layer(spec):
    kind = spec["kind"]
    if kind == "conv":
        return nn.Conv2d(
            spec["in"], spec["out"], spec["kernel"], stride=spec["stride"], padding=spec["padding"], bias=spec["bias"])
    if kind == "linear":
        return nn.Linear(spec["in"], spec["out"])
    if kind == "batchNorm":
        return nn.BatchNorm2d(spec["channels"])
    if kind == "globalAvgPool":
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    if kind == "avgPool":
        return nn.AvgPool2d(spec["size"])
    if kind == "maxPool":
        return nn.MaxPool2d(spec["size"])
    if kind == "residual":
        return Residual(build(spec["main"]), build(spec["shortcut"]))
    return {"sigmoid": nn.Sigmoid, "relu": nn.ReLU, "leakyRelu": nn.LeakyReLU, "flatten": nn.Flatten}[kind]()


def build(layers):
    return nn.Sequential(*[layer(spec) for spec in layers])


def say(message):
    print(json.dumps(message), flush=True)


net = build(network["layers"])
nn.utils.vector_to_parameters(values("parameters.f32", torch.float32), net.parameters())
x = values("x.f32", torch.float32).reshape(batch, 1, 28, 28)
y = values("y.i32", torch.int32).long()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=job["lr"])


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = criterion(net(x), y)
    loss.backward()
    optimizer.step()
    return loss


def seconds(steps):
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - start) / steps


losses, first, each = [], None, None
while len(losses) < job["checkedSteps"]:
    start = time.perf_counter()
    losses.append(step().item())
    each = time.perf_counter() - start
    first = first or each
say({"version": torch.__version__, "adapter": "CPU", "firstStep": first, "losses": losses})
for line in sys.stdin:
    steps = min(10_000, max(1, round(float(line) / each)))
    each = seconds(steps)
    say({"seconds": each, "steps": steps})

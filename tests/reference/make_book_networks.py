#!/usr/bin/python3
"""Writes tests/fixtures/book_networks.json: parameters and layers' shapes of the book's networks, as PyTorch has them.

    /usr/bin/python3 tests/reference/make_book_networks.py

Gray images and ten classes. Where an architecture was published for colours and a thousand classes, its count with these
is computed too, and held to the number of torchvision's documentation.
"""
import json
from pathlib import Path

import torch
from torch import nn


def vgg11(inputs=1, classes=10):
    blocks, channels = [], inputs
    for count, out in [(1, 64), (1, 128), (2, 256), (2, 512), (2, 512)]:
        layers = []
        for _ in range(count):
            layers += [nn.Conv2d(channels, out, 3, padding=1), nn.ReLU()]
            channels = out
        blocks.append(nn.Sequential(*layers, nn.MaxPool2d(2)))
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(512 * 49, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096),
                         nn.ReLU(), nn.Dropout(), nn.Linear(4096, classes))


def alexnet():
    return nn.Sequential(
        nn.Conv2d(1, 96, 11, stride=4, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten(),
        nn.Linear(6400, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 10))


def nin():
    def block(i, o, k, s, p):
        return nn.Sequential(nn.Conv2d(i, o, k, s, p), nn.ReLU(), nn.Conv2d(o, o, 1), nn.ReLU(), nn.Conv2d(o, o, 1), nn.ReLU())
    return nn.Sequential(block(1, 96, 11, 4, 0), nn.MaxPool2d(3, 2), block(96, 256, 5, 1, 2), nn.MaxPool2d(3, 2),
                         block(256, 384, 3, 1, 1), nn.MaxPool2d(3, 2), nn.Dropout(), block(384, 10, 3, 1, 1),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Inception(nn.Module):
    def __init__(self, i, a, b, c, d):
        super().__init__()
        def conv(m, n, k, p=0):
            return [nn.Conv2d(m, n, k, padding=p), nn.ReLU()]
        self.paths = nn.ModuleList([
            nn.Sequential(*conv(i, a, 1)), nn.Sequential(*conv(i, b[0], 1), *conv(b[0], b[1], 3, 1)),
            nn.Sequential(*conv(i, c[0], 1), *conv(c[0], c[1], 5, 2)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), *conv(i, d, 1))])

    def forward(self, x):
        return torch.cat([path(x) for path in self.paths], 1)


def googlenet():
    def pool():
        return nn.MaxPool2d(3, 2, 1)
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 64, 7, 2, 3), nn.ReLU(), pool()),
        nn.Sequential(nn.Conv2d(64, 64, 1), nn.ReLU(), nn.Conv2d(64, 192, 3, padding=1), nn.ReLU(), pool()),
        nn.Sequential(Inception(192, 64, (96, 128), (16, 32), 32), Inception(256, 128, (128, 192), (32, 96), 64), pool()),
        nn.Sequential(Inception(480, 192, (96, 208), (16, 48), 64), Inception(512, 160, (112, 224), (24, 64), 64),
                      Inception(512, 128, (128, 256), (24, 64), 64), Inception(512, 112, (144, 288), (32, 64), 64),
                      Inception(528, 256, (160, 320), (32, 128), 128), pool()),
        nn.Sequential(Inception(832, 256, (160, 320), (32, 128), 128), Inception(832, 384, (192, 384), (48, 128), 128),
                      nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        nn.Linear(1024, 10))


def batch_norm_lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.BatchNorm2d(6), nn.Sigmoid(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.BatchNorm2d(16), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(256, 120), nn.BatchNorm1d(120), nn.Sigmoid(), nn.Linear(120, 84), nn.BatchNorm1d(84), nn.Sigmoid(),
        nn.Linear(84, 10))


class Residual(nn.Module):
    def __init__(self, i, o, s, bias, projected_norm):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=bias), nn.BatchNorm2d(o), nn.ReLU(),
                                  nn.Conv2d(o, o, 3, 1, 1, bias=bias), nn.BatchNorm2d(o))
        self.side = nn.Identity() if i == o and s == 1 else nn.Conv2d(i, o, 1, s, bias=bias)
        if projected_norm and not isinstance(self.side, nn.Identity):
            self.side = nn.Sequential(self.side, nn.BatchNorm2d(o))

    def forward(self, x):
        return (self.main(x) + self.side(x)).relu()


def resnet18(inputs=1, classes=10, bias=True, projected_norm=False):
    def stage(i, o, s):
        return nn.Sequential(Residual(i, o, s, bias, projected_norm), Residual(o, o, 1, bias, projected_norm))
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(inputs, 64, 7, 2, 3, bias=bias), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)),
        stage(64, 64, 1), stage(64, 128, 2), stage(128, 256, 2), stage(256, 512, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))


class Dense(nn.Module):
    def __init__(self, count, i, growth):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(i + k * growth), nn.ReLU(), nn.Conv2d(i + k * growth, growth, 3, padding=1))
            for k in range(count))

    def forward(self, x):
        for layer in self.layers:
            x = torch.cat((x, layer(x)), 1)
        return x


def densenet():
    layers = [nn.Sequential(nn.Conv2d(1, 64, 7, 2, 3), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1))]
    channels = 64
    for block in range(4):
        layers.append(Dense(4, channels, 32))
        channels += 128
        if block < 3:
            layers.append(nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels // 2, 1),
                                        nn.AvgPool2d(2)))
            channels //= 2
    return nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(channels, 10))


def parameters(net):
    return sum(p.numel() for p in net.parameters())


assert parameters(vgg11(3, 1000)) == 132_863_336  # torchvision's documentation of vgg11
assert parameters(resnet18(3, 1000, False, True)) == 11_689_512  # and of resnet18

RESULT = {}
for make, size in [(alexnet, 224), (vgg11, 224), (nin, 224), (googlenet, 96), (batch_norm_lenet, 28), (resnet18, 224),
                   (densenet, 96)]:
    net, x, shapes = make().eval(), torch.zeros(1, 1, size, size), []
    with torch.no_grad():
        for layer in net:
            x = layer(x)
            shapes.append(list(x.shape))
    RESULT[make.__name__] = {"size": size, "parameters": parameters(net), "shapes": shapes}
    print(make.__name__, parameters(net))
path = Path(__file__).parent.parent / "fixtures" / "book_networks.json"
path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in RESULT.items()) + "\n}\n")

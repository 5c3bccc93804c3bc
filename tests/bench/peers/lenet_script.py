"""What examples/lenet.ts does, in PyTorch, with the images in memory."""
import argparse
import gzip

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--lr", type=float, default=0.9)
parser.add_argument("--batch-size", type=int, default=256)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--root", required=True)
args = parser.parse_args()
torch.set_num_threads(args.threads)


def load(split):
    def body(name, header):
        with gzip.open(f"{args.root}/{split}-{name}-ubyte.gz", "rb") as file:
            return torch.frombuffer(bytearray(file.read()[header:]), dtype=torch.uint8)

    images = body("images-idx3", 16).reshape(-1, 1, 28, 28)
    return images.float() / 255, body("labels-idx1", 8).long()


def batches(images, labels, shuffle):
    order = torch.randperm(len(labels)) if shuffle else torch.arange(len(labels))
    for part in order.split(args.batch_size):
        yield images[part], labels[part]


def init_weights(module):
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        nn.init.xavier_uniform_(module.weight)


def accuracy(y_hat, y):
    return (y_hat.argmax(dim=1) == y).sum().item()


def evaluate(net, images, labels):
    net.eval()
    with torch.no_grad():
        right = sum(accuracy(net(x), y) for x, y in batches(images, labels, shuffle=False))
    net.train()
    return right / len(labels)


net = nn.Sequential(
    nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Sigmoid(),
    nn.AvgPool2d(kernel_size=2, stride=2),
    nn.Conv2d(6, 16, kernel_size=5), nn.Sigmoid(),
    nn.AvgPool2d(kernel_size=2, stride=2),
    nn.Flatten(),
    nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(),
    nn.Linear(120, 84), nn.Sigmoid(),
    nn.Linear(84, 10))
net.apply(init_weights)
train, test = load("train"), load("t10k")
optimizer = torch.optim.SGD(net.parameters(), lr=args.lr)
criterion = nn.CrossEntropyLoss()
for epoch in range(args.epochs):
    loss_sum, right = 0.0, 0
    for x, y in batches(*train, shuffle=True):
        optimizer.zero_grad()
        y_hat = net(x)
        loss = criterion(y_hat, y)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            loss_sum += loss.item() * len(y)
            right += accuracy(y_hat, y)
    count = len(train[1])
    print(f"epoch {epoch + 1}/{args.epochs}: loss {loss_sum / count:.3f}, train acc {right / count:.3f}, "
          f"test acc {evaluate(net, *test):.3f}", flush=True)

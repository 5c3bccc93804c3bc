#!/usr/bin/python3
"""Writes tests/fixtures/updates.json: parameters of 1,023 elements after three updates by PyTorch's optimisers.

    /usr/bin/python3 tests/reference/make_updates.py ../shared/oracle

Computed in float64 from float32 inputs: the parameter is noise(1) * 2, the gradient of step t noise(10 + t). Records
and tolerances are those of the oracle, whose generator is imported from the folder that is given.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
import torch
from make_oracle import digest, noise

SIZE, STEPS = 1023, 3
RUNS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.2, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}),
    ("Adam", {"lr": 0.02}),
    ("Adam", {"lr": 0.02, "betas": (0.8, 0.95), "amsgrad": True, "weight_decay": 0.1, "maximize": True}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0.3}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0.3, "amsgrad": True, "maximize": True}),
    ("RMSprop", {"lr": 0.01}),
    ("RMSprop", {"lr": 0.01, "alpha": 0.9, "centered": True, "eps": 1e-4, "maximize": True}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.5, "weight_decay": 0.02}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.5, "centered": True, "eps": 1e-4}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.05, "initial_accumulator_value": 0.1, "weight_decay": 0.01}),
    ("Adagrad", {"lr": 0.1, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {"lr": 0.02}),
    ("Adamax", {"lr": 0.02, "betas": (0.8, 0.95), "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {"lr": 0.02}),
    ("NAdam", {"lr": 0.02, "betas": (0.8, 0.95), "weight_decay": 0.1, "momentum_decay": 0.1}),
    ("RAdam", {"lr": 0.02}),
    ("RAdam", {"lr": 0.02, "betas": (0.5, 0.4), "weight_decay": 0.1}),
    ("RAdam", {"lr": 0.02, "betas": (0.8, 0.9999)}),
]


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def update(optimizer, args, dtype):
    p = torch.tensor(noise(1, SIZE) * 2, dtype=dtype, requires_grad=True)
    # 1.13's loop over single tensors counts a factor of NAdam's product twice; that over lists does not, nor do later ones
    more = {"foreach": True} if optimizer == "NAdam" else {}
    opt = getattr(torch.optim, optimizer)([p], **args, **more)
    for t in range(STEPS):
        p.grad = torch.tensor(noise(10 + t, SIZE), dtype=dtype)
        opt.step()
    return p.detach().double().numpy()


runs = []
for optimizer, args in RUNS:
    exact = update(optimizer, args, torch.float64)
    error = abs(update(optimizer, args, torch.float32) - exact).max()
    record = digest(exact)
    record["atol"] = max(20 * float(error), 2e-6 * record["maxAbs"])
    runs.append({"optimizer": optimizer, "args": {camel(k): v for k, v in args.items()}, "record": record})
target = Path(__file__).parent.parent / "fixtures" / "updates.json"
target.write_text(json.dumps({"size": SIZE, "steps": STEPS, "runs": runs}) + "\n")

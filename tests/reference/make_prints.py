#!/usr/bin/python3
"""Writes tests/fixtures/prints.json: tensors as PyTorch prints them, under options of set_printoptions.

    /usr/bin/python3 tests/reference/make_prints.py
"""
import json
import math
import random
import re
from pathlib import Path

import torch

INF, NAN = math.inf, math.nan
random.seed(1)
torch.manual_seed(1)


def number(v):
    return v if math.isfinite(v) and not (v == 0 and math.copysign(1, v) < 0) else str(v)


CASES = []


def case(values, shape=None, dtype=torch.float32, requires_grad=False, **options):
    # where there is one type of whole numbers, it is not named, as int64 is not by PyTorch
    t = torch.tensor(values, dtype=torch.int64 if dtype == torch.int32 and values else dtype)
    t = t if shape is None else t.reshape(shape)
    t.requires_grad_(requires_grad)
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**options)
    text = repr(t).replace("True", "true").replace("False", "false")
    text = text.replace("requires_grad", "requiresGrad").replace("dtype=torch.int32", "dtype=int32").replace(
        "dtype=torch.bool", "dtype=bool")
    text = re.sub(r"size=\((.*?),?\)", r"shape=[\1]", text)
    flat = [number(v) if dtype == torch.float32 else int(v) for v in t.detach().reshape(-1).tolist()]
    CASES.append({"values": flat, "shape": list(t.shape), "dtype": str(dtype)[6:], "requiresGrad": requires_grad,
                  "options": {"sciMode" if k == "sci_mode" else k: v if v != INF else "inf" for k, v in options.items()},
                  "text": text})


def noise(n, low=-3.0, high=3.0):
    return [random.uniform(low, high) for _ in range(n)]


def wide(n):  # over many powers of ten
    return [random.choice([-1, 1]) * 10 ** random.uniform(-9, 9) for _ in range(n)]


for v in [0.0, -0.0, 1.0, -1.0, 3.14159, 1e-5, 1e8, 1.5e8, 99999.5, 1e-4, 9.9e-5, 1e30, 1e-40, 2.0**31, NAN, INF, -INF,
          0.03125, 0.09375, 12344.5, 12345.5, 0.5, 1.5, 2.5, 1e21, 1e22, -0.00001]:
    case(v)
    case([v])
    case([v, 1.0])
    case([v, -2.25, 0.0])
for values in [[NAN, INF, -INF], [NAN, 1.5], [INF, 1.0, -1.0], [-0.0, 0.0], [0.03125, 0.09375, 0.15625],
               [1000.0, 1.0], [1001.0, 1.0], [1000.5, 1.0], [0.001, 1.0], [0.00099, 1.0], [1e8, 1.0], [123456789.0],
               [1, 10, 100], [-5, 50, -500], [1e-3, 1e-4], [1e-3, 0.99e-4], [0, 0, 0], [9.99995, 1.0], [0.99995]]:
    case(values)
for n in [1, 2, 7, 8, 9, 30, 100]:
    case(noise(n))
    case(wide(n))
    case([float(random.randint(-999, 999)) for _ in range(n)])
    case([random.randint(-9999, 9999) for _ in range(n)], dtype=torch.int32)
    case([random.random() < 0.5 for _ in range(n)], dtype=torch.bool)
for shape in [(1, 1), (3, 4), (2, 30), (2, 3, 4), (2, 1, 3, 2), (1, 1, 1, 1, 2), (5, 1)]:
    n = math.prod(shape)
    case(noise(n), shape)
    case(wide(n), shape)
    case([random.randint(-20, 200) for _ in range(n)], shape, torch.int32)
    case([random.random() < 0.5 for _ in range(n)], shape, torch.bool)
for shape in [(1000,), (1001,), (7, 143), (6, 167), (40, 40), (11, 10, 10), (2, 8, 9, 8), (1200, 1), (1, 1200)]:
    n = math.prod(shape)
    case([round(v, 2) for v in noise(n)], shape)
    case([random.randint(0, 9) for _ in range(n)], shape, torch.int32)
case([0.25] * 3 + [1e6] * 1200 + [0.5] * 3)  # what is not shown is not measured
for shape in [(0,), (2, 0), (0, 3, 1)]:
    for dtype in [torch.float32, torch.int32, torch.bool]:
        case([], shape, dtype)
for options in [{"precision": 2}, {"precision": 0}, {"precision": 7}, {"sci_mode": True}, {"sci_mode": False},
                {"linewidth": 40}, {"linewidth": 10}, {"linewidth": 200}, {"threshold": 5}, {"threshold": 0},
                {"threshold": INF}, {"threshold": 5, "edgeitems": 1}, {"threshold": 10, "edgeitems": 4},
                {"precision": 3, "linewidth": 50, "threshold": 20, "edgeitems": 2}]:
    case(noise(12), (3, 4), **options)
    case(wide(6), **options)
    case([float(k) for k in range(40)], **options)
    case([float(k) for k in range(40)], (2, 10, 2), **options)
    case([random.randint(-99, 9999) for _ in range(24)], (8, 3), torch.int32, **options)
case([1.0, 2.0], requires_grad=True)
case(noise(8), requires_grad=True)
case(noise(7), requires_grad=True)
case([], (2, 0), requires_grad=True)
case(noise(20), (4, 5), requires_grad=True, linewidth=50)

path = Path(__file__).parent.parent / "fixtures" / "prints.json"
path.write_text("[\n" + ",\n".join(json.dumps(c) for c in CASES) + "\n]\n")
print(len(CASES), path.stat().st_size)

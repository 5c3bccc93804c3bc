#!/usr/bin/python3
"""Makes tests/fixtures/cases.json: PyTorch's answers for operations that the oracle has no cases of.

    /usr/bin/python3 tests/reference/make_cases.py > tests/fixtures/cases.json

The form is the oracle's: inputs are given by seed or by value, values and gradients are computed in float64 from
float32 inputs, and `atol` says how far float32 may lie from them: 20 times PyTorch's own float32 error, and at least
2e-6 of the largest value. Operations that only move or compare must be exact.
"""
import json
import re

import numpy as np
import torch
import torch.nn.functional as F

import more_cases

torch.set_num_threads(1)
NAN, INF = float("nan"), float("inf")


# noise: a hash of the place and the seed, as tests/support/oracle.ts has it

def hashes(seed, n):
    h = np.arange(n, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed * 0x85EBCA6B & 0xFFFFFFFF)
    h = (h ^ h >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    h = (h ^ h >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return h ^ h >> np.uint32(16)


def noise(seed, n):
    return (hashes(seed, n) / 2.0**32 - 0.5).astype(np.float32)


# inputs

def N(*shape, scale=1, offset=0, name="input"):
    return {"name": name, "shape": list(shape), "scale": scale, "offset": offset}


def I(*shape, mod, offset=0, name="index", dtype="int32"):
    return {"name": name, "shape": list(shape), "dtype": dtype, "mod": mod, "offset": offset}


def B(*shape, name="input"):
    return {"name": name, "shape": list(shape), "dtype": "bool"}


def V(values, shape=None, name="input", dtype="float32"):
    return {"name": name, "shape": [len(values)] if shape is None else shape, "dtype": dtype, "values": values}


def materialise(spec):
    n = int(np.prod(spec["shape"], dtype=np.int64))
    dtype = spec.get("dtype", "float32")
    if "values" in spec:
        values = np.array(spec["values"], dtype=np.float64)
    elif "mod" in spec:
        values = (hashes(spec["seed"], n) % np.uint32(spec["mod"])).astype(np.float64) + spec["offset"]
    elif dtype == "bool":
        values = noise(spec["seed"], n) > 0
    else:
        values = noise(spec["seed"], n).astype(np.float64) * spec["scale"] + spec["offset"]
    kind = {"float32": np.float32, "int32": np.int64, "bool": bool}[dtype]
    return torch.from_numpy(np.asarray(values).astype(kind).reshape(spec["shape"]))


# operations: each takes its tensors, its arguments in snake case and the tensors by name

def plain(fn):
    return lambda t, args, named: fn(*t, **args)


OPS = {
    "square": plain(torch.square), "rsqrt": plain(torch.rsqrt), "log1p": plain(torch.log1p), "expm1": plain(torch.expm1),
    "sign": plain(torch.sign), "sin": plain(torch.sin), "cos": plain(torch.cos), "erf": plain(torch.erf),
    "prod": plain(torch.prod), "std": plain(torch.std), "norm": plain(torch.norm), "cumsum": plain(torch.cumsum),
    "topk": plain(torch.topk), "any": plain(torch.any), "all": plain(torch.all),
    "flip": plain(torch.flip), "select": plain(torch.select), "split": plain(torch.split),
    "gather": lambda t, args, named: torch.gather(t[0], args["dim"], t[1]),
    "pad": plain(F.pad), "interpolate": plain(F.interpolate),
    "oneHot": plain(F.one_hot),
    "groupNorm": lambda t, args, named: F.group_norm(
        named["input"], args["num_groups"], named.get("weight"), named.get("bias"), args.get("eps", 1e-5)),
    "eq": plain(torch.eq), "ne": plain(torch.ne), "lt": plain(torch.lt), "le": plain(torch.le),
    "gt": plain(torch.gt), "ge": plain(torch.ge),
    "logicalAnd": plain(torch.logical_and), "logicalOr": plain(torch.logical_or), "logicalNot": plain(torch.logical_not),
    "isnan": plain(torch.isnan), "isfinite": plain(torch.isfinite),
}
OPS |= more_cases.OPS
RTOL = 1e-5
EXACT = {"sign", "topk", "flip", "select", "gather", "split"} | more_cases.EXACT


def snake(args):
    return {re.sub("[A-Z]", lambda m: "_" + m[0].lower(), name): value for name, value in args.items()}


def run(op, specs, args, dtype, upstream=None):
    """The outputs and the gradients, as arrays, computed in `dtype`."""
    tensors = [materialise(spec) for spec in specs]
    tensors = [t.to(dtype) if t.dtype == torch.float32 else t for t in tensors]
    for t in tensors:
        t.requires_grad_(t.is_floating_point())
    named = {spec["name"]: t for spec, t in zip(specs, tensors)}
    y = OPS[op](tensors, snake(args), named)
    outputs = list(y) if isinstance(y, (tuple, list)) else [y]
    grads = [None] * len(tensors)
    leaves = [t for t in tensors if t.requires_grad]
    if upstream is not None and leaves:
        dy = torch.from_numpy(upstream).reshape(outputs[0].shape).to(dtype)
        found = iter(torch.autograd.grad(outputs[0], leaves, dy, allow_unused=True))
        grads = [next(found) if t.requires_grad else None for t in tensors]
        grads = [torch.zeros_like(t) if g is None and t.requires_grad else g for g, t in zip(grads, tensors)]
    return [o.detach().numpy() for o in outputs], [g if g is None else g.numpy() for g in grads]


# records

def number(v):
    v = np.float32(v)
    if not np.isfinite(v):
        return "NaN" if np.isnan(v) else "Infinity" if v > 0 else "-Infinity"
    short = float(str(v))
    return int(short) if short == int(short) and abs(short) < 1e6 else short


def record(rule, wide, narrow):
    """`rule` is "exact", "special" for values of very different sizes, or "usual"."""
    if wide is None:
        return None
    if wide.dtype != np.float64:
        assert np.array_equal(wide, narrow)
        dtype = "bool" if wide.dtype == bool else "int32"
        values = [int(v) for v in wide.ravel()]
        return {"shape": list(wide.shape), "dtype": dtype, "values": values, "maxAbs": max(map(abs, values), default=0)}
    with np.errstate(over="ignore"):
        rounded = wide.ravel().astype(np.float32)
    finite = np.isfinite(rounded)
    assert np.array_equal(finite, np.isfinite(narrow.ravel())), "float32 and float64 must be finite in the same places"
    size, error = np.abs(wide.ravel()[finite]), np.abs(wide.ravel()[finite] - narrow.ravel()[finite])
    largest = float(size.max(initial=0))
    if rule == "exact":
        atol = 0
    elif rule == "special":
        atol = max(20 * float((error - RTOL * size).max(initial=0)), 1e-12)
    else:
        atol = max(20 * float(error.max(initial=0)), 2e-6 * largest, 1e-7 if largest == 0 else 0)
    return {
        "shape": list(wide.shape),
        "values": [number(v) for v in rounded],
        "maxAbs": float("%.4g" % largest),
        "atol": float("%.3g" % atol),
    }


cases = []
seed = 7_000


def take_seed():
    global seed
    seed += 1
    return seed


def add(op, *specs, rule=None, grads=True, **args):
    specs = [dict(spec) for spec in specs]
    for spec in specs:
        if "values" not in spec:
            spec["seed"] = take_seed()
    rule = rule or ("exact" if op in EXACT else "usual")
    [y, *_], _ = run(op, specs, args, torch.float64)
    asks = grads and y.dtype == np.float64 and any(s.get("dtype", "float32") == "float32" for s in specs)
    case = {"id": f"{op}-{sum(c['op'] == op for c in cases) + 1:03d}", "op": op, "inputs": specs, "args": args}
    upstream = None
    if asks:
        case["gradSeed"] = take_seed()
        upstream = noise(case["gradSeed"], y.size)
    wide, narrow = (run(op, specs, args, dtype, upstream) for dtype in (torch.float64, torch.float32))
    case["outputs"], found = ([record(rule, *pair) for pair in zip(*both)] for both in zip(wide, narrow))
    case["grads"] = found if asks else []
    atol = max(r.get("atol", 0) for r in case["outputs"] + case["grads"] if r)
    case["tolerance"] = {"rtol": 0 if rule == "exact" else RTOL, "atol": atol}
    cases.append(case)


# elementwise: values that the function is made for, then those that are special
for op, scale, offset in [
    ("square", 6, 0), ("rsqrt", 4, 2.1), ("log1p", 3, 0.6), ("expm1", 8, 0), ("sign", 4, 0), ("sin", 20, 0), ("cos", 20, 0),
    ("erf", 6, 0),
]:
    add(op, N(3, 7, scale=scale, offset=offset))
    add(op, N(2, 1, 5, scale=scale / 50, offset=offset))
    add(op, N(scale=scale / 8, offset=max(offset, 0.5)))
for op, values in [
    ("square", [0, -0.0, 1e-20, 1e20, INF, -INF, NAN]),
    ("rsqrt", [1e-30, 1, 1e30, INF, -1, NAN]),
    ("log1p", [0, 1e-8, -1e-8, 1e30, -0.5, INF, NAN, -2]),
    ("expm1", [0, 1e-8, -1e-8, 80, -80, INF, -INF, NAN]),
    ("sign", [0, -0.0, 1e-30, -1e-30, INF, -INF]),
    ("sin", [0, 1e-8, 1, -100, 1000]),
    ("cos", [0, 1e-8, 1, -100, 1000]),
    ("erf", [0, 1e-8, 1, -1, 4, -9, INF, -INF, NAN]),
]:
    add(op, V(values), rule="special")

# reductions
for shape, dim, keepdim in [([7], 0, False), ([4, 5], 1, True), ([4, 5], -2, False), ([2, 3, 5], 1, False), ([1, 9], 0, True)]:
    add("prod", N(*shape, scale=3, offset=0.2), dim=dim, keepdim=keepdim)
    add("cumsum", N(*shape, scale=2), dim=dim)
add("prod", N(3, 4, scale=2, offset=0.3))
add("prod", V([2, 0, 3, -1.5]))
add("prod", V([2, 0, 3, 0, 1, 1], [2, 3]), dim=1)
add("cumsum", N(3, 67, scale=2), dim=1)
for unbiased in (True, False):
    add("std", N(7, scale=2, offset=0.75), unbiased=unbiased)
    for shape, dim, keepdim in [([4, 5], 0, False), ([4, 5], 1, True), ([2, 3, 5, 4], [0, 2, 3], False), ([2, 3, 5], [-1, 0], True)]:
        add("std", N(*shape, scale=2, offset=0.75), dim=dim, unbiased=unbiased, keepdim=keepdim)
add("std", N(4, 33, offset=100), dim=1, unbiased=True, keepdim=False)
for p in (2, 1, 3, 0.5, INF, -INF):
    add("norm", N(3, 5, scale=4), p=p)
    add("norm", N(2, 3, 4, scale=4), p=p, dim=1, keepdim=False)
    add("norm", N(2, 3, 4, scale=4), p=p, dim=[0, 2], keepdim=True)
add("norm", N(7, scale=3))
for shape, k, args in [([9], 3, {}), ([4, 7], 2, {"dim": 0}), ([2, 5, 3], 4, {"dim": 1, "largest": False}), ([3, 33], 33, {}), ([5], 1, {"dim": -1})]:
    add("topk", N(*shape, scale=5), k=k, **args)
for op, mod, offset in [("any", 5, -4), ("all", 5, 0)]:
    for shape, args in [([9], {}), ([4, 5], {"dim": 0}), ([4, 5], {"dim": 1, "keepdim": True}), ([2, 3, 5], {"dim": -2})]:
        add(op, B(*shape), **args)
    add(op, I(3, 4, mod=3, name="input", dtype="int32"), dim=1)
    add(op, V([0, 1, 1, 1, 0, 0, 1, 0, 1], [3, 3], dtype="bool"), dim=1)
    add(op, V([1, 1], dtype="bool"))
    add(op, V([0, 0], dtype="bool"))

# movement
for shape, dims in [([7], [0]), ([3, 4], [1]), ([3, 4], [0, -1]), ([2, 3, 5], [0, 2]), ([2, 3, 5], [])]:
    add("flip", N(*shape), dims=dims)
for shape, dim, index in [([5], 0, 2), ([3, 4], 1, -1), ([2, 3, 5], 1, 0), ([2, 3, 4, 5], -2, 3)]:
    add("select", N(*shape), dim=dim, index=index)
for shape, size, dim in [([7], 3, 0), ([3, 7], [1, 4, 2], 1), ([4, 5, 2], 5, -2), ([6, 2], 2, 0)]:
    add("split", N(*shape), splitSizeOrSections=size, dim=dim)
for shape, index, dim in [([5], [8], 0), ([4, 3], [4, 1], 1), ([4, 3], [7, 2], 0), ([2, 5, 3], [2, 4, 2], 1), ([2, 3, 4], [1, 3, 9], -1)]:
    add("gather", N(*shape), I(*index, mod=shape[dim]), dim=dim, rule="usual")
for shape, pad in [([1, 2, 5], [2, 1]), ([2, 3, 4], [3, 0, 1, 2]), ([2, 3, 4, 5], [1, 2, 3, 1]), ([1, 1, 2, 2], [1, 1, 1, 1])]:
    for mode in ("reflect", "replicate"):
        add("pad", N(*shape), pad=pad, mode=mode, rule="usual")
add("pad", N(1, 2, 3), pad=[5, 4], mode="replicate", rule="usual")
add("pad", N(4, 5), pad=[-1, 2, 1, -2], mode="constant", value=0.5, rule="exact")
for shape in ([5], [2, 3], []):
    add("oneHot", I(*shape, mod=4, name="input"), numClasses=5)

# images
for shape, args in [
    ([1, 2, 3, 4], {"size": [5, 3]}), ([2, 1, 5, 4], {"scaleFactor": 2}), ([1, 2, 4, 6], {"scaleFactor": [0.5, 1.7]}),
    ([1, 1, 7, 5], {"size": 3}), ([1, 1, 1, 1], {"size": [2, 3]}),
]:
    add("interpolate", N(*shape), **args, mode="nearest", rule="usual")
    for alignCorners in (False, True):
        add("interpolate", N(*shape), **args, mode="bilinear", alignCorners=alignCorners)
for shape, groups, affine, eps in [([2, 6, 3, 5], 3, True, 1e-5), ([3, 4], 2, True, 1e-3), ([2, 4, 7], 1, False, 1e-5), ([2, 4, 3, 3], 4, True, 1e-5)]:
    c = shape[1]
    more = [N(c, scale=2, offset=1, name="weight"), N(c, name="bias")] if affine else []
    add("groupNorm", N(*shape, scale=3, offset=0.5), *more, numGroups=groups, eps=eps)

# comparisons and logic
SPECIAL = [1, 1, -0.0, NAN, NAN, INF, INF, -INF, 2], [1, 2, 0, NAN, 1, INF, -INF, -INF, 1]
for op in ("eq", "ne", "lt", "le", "gt", "ge"):
    add(op, I(3, 5, mod=3, name="input", dtype="float32"), I(3, 5, mod=3, name="other", dtype="float32"))
    add(op, I(2, 1, 4, mod=3, name="input"), I(3, 1, mod=3, name="other"))
    add(op, V(SPECIAL[0]), V(SPECIAL[1], name="other"))
for op in ("logicalAnd", "logicalOr"):
    add(op, B(3, 5), B(3, 5, name="other"))
    add(op, I(2, 1, 4, mod=2, name="input"), B(3, 1, name="other"))
    add(op, V([0, -0.0, 1, NAN, 0, INF]), V([0, 1, 0, 1, NAN, -2], name="other"))
add("logicalNot", B(3, 5))
add("logicalNot", V([0, -0.0, 1, NAN, INF, -2]))
for op in ("isnan", "isfinite"):
    add(op, V([0, -0.0, 1, NAN, INF, -INF, 3e38]))
    add(op, N(2, 3))

for kind in more_cases.KINDS:
    kind(add, N, I, B, V)

for case in cases:
    for spec in case["inputs"]:
        if "values" in spec:
            spec["values"] = [number(v) for v in spec["values"]]
        for name, usual in [("scale", 1), ("offset", 0), ("dtype", "float32")]:  # what is as usual is not written down
            if spec.get(name) == usual:
                del spec[name]
    for name, value in case["args"].items():
        if isinstance(value, float) and not np.isfinite(value):
            case["args"][name] = number(value)

# one case a line, so that a change can be read
lines = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
print('{"cases":[\n' + lines + "\n]}")

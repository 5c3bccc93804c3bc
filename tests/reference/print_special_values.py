# Prints the tables of tests/support/special_values.ts: PyTorch's float32 results at special values.
# Run with /usr/bin/python3 (Debian's python3-torch).
import numpy as np, torch
import torch.nn.functional as F

nan, inf, least, greatest = float("nan"), float("inf"), 1e-45, 3.4028235e38
X = [nan, inf, -inf, 0.0, -0.0, least, -least, greatest, -greatest, 1.0, -1.0]
V = [nan, inf, -inf, 0.0, -0.0, 1.0, -2.0, least, greatest]

UNARY = dict(
    neg=torch.neg, abs=torch.abs, sign=torch.sign, square=torch.square, sqrt=torch.sqrt, rsqrt=torch.rsqrt,
    exp=torch.exp, expm1=torch.expm1, log=torch.log, log1p=torch.log1p, sin=torch.sin, cos=torch.cos, tanh=torch.tanh,
    erf=torch.erf, sigmoid=torch.sigmoid, relu=torch.relu, leakyRelu=F.leaky_relu, elu=F.elu, gelu=F.gelu,
    geluTanh=lambda x: F.gelu(x, approximate="tanh"), silu=F.silu, softplus=F.softplus,
    clamp=lambda x: torch.clamp(x, -0.5, 0.75), **{f"pow {p}": (lambda p: lambda x: x ** p)(p) for p in
    [0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5]},
    floor=torch.floor, ceil=torch.ceil, round=torch.round, trunc=torch.trunc, exp2=torch.exp2, log2=torch.log2,
    log10=torch.log10, reciprocal=torch.reciprocal, tan=torch.tan, asin=torch.asin, acos=torch.acos, atan=torch.atan,
    sinh=torch.sinh, cosh=torch.cosh, nanToNum=torch.nan_to_num, mish=F.mish, hardswish=F.hardswish,
    hardsigmoid=F.hardsigmoid, hardtanh=F.hardtanh, relu6=F.relu6, selu=F.selu, celu=F.celu, softsign=F.softsign,
    logSigmoid=F.logsigmoid, isinf=torch.isinf, isnan=torch.isnan, isfinite=torch.isfinite, logicalNot=torch.logical_not)
BINARY = dict(
    add=torch.add, sub=torch.sub, mul=torch.mul, div=torch.div, pow=torch.pow, maximum=torch.maximum, minimum=torch.minimum,
    remainder=torch.remainder, fmod=torch.fmod, atan2=torch.atan2, hypot=torch.hypot, copysign=torch.copysign,
    eq=torch.eq, ne=torch.ne, lt=torch.lt, le=torch.le, gt=torch.gt, ge=torch.ge,
    logicalAnd=torch.logical_and, logicalOr=torch.logical_or, logicalXor=torch.logical_xor)


def text(y):
    if y.dtype == torch.bool: return "".join("01"[int(v)] for v in y)
    return " ".join(np.format_float_positional(v, trim="-") if v == 0 or 1e-4 <= abs(v) < 1e6 else str(v) for v in y.numpy())


# one element at a time: PyTorch's vector and scalar loops differ in the sign of some zeros
for name, fn in UNARY.items():
    print(f'  ["{name}", "{text(torch.cat([fn(torch.tensor([x])) for x in X]))}"],')
for name, fn in BINARY.items():
    rows = [text(torch.cat([fn(torch.tensor([a]), torch.tensor([b])) for b in V])) for a in V]
    if len(rows[0]) == len(V): rows = [" ".join(rows)]
    print(f'  ["{name}", `\n    ' + "\n    ".join(rows) + "`],")

"""Cases of tests/reference/make_cases.py, by kind: what PyTorch computes for each operation, and on what it is tried."""
import torch
import torch.nn.functional as F

NAN, INF = float("nan"), float("inf")


def plain(fn):
    return lambda t, args, named: fn(*t, **args)


OPS = {}
# outputs and gradients that must be equal to the last bit
EXACT = set()


def elementary(add, N, I, B, V):
    for op, scale, offset in [
        ("exp2", 8, 0), ("log2", 3, 2), ("log10", 3, 2), ("reciprocal", 2, 2), ("tan", 20, 0), ("asin", 1.9, 0), ("acos", 1.9, 0),
        ("atan", 8, 0), ("sinh", 8, 0), ("cosh", 8, 0),
    ]:
        add(op, N(3, 7, scale=scale, offset=offset))
        add(op, N(2, 1, 5, scale=scale / 50, offset=offset))
        add(op, N(scale=scale / 8, offset=offset))
        add(op, N(0, 3))
    for op in ("floor", "ceil", "round", "trunc", "frac"):
        add(op, N(3, 7, scale=9))
        add(op, V([0.5, 1.5, 2.5, -0.5, -1.5, 1e10, -3e38, 16777217]))
        add(op, N(2, 0))
    for op in ("remainder", "fmod"):
        add(op, N(3, 7, scale=9), N(3, 7, scale=2, offset=1.2, name="other"), rule="special")
        add(op, N(2, 1, 4, scale=9), N(3, 1, scale=2, offset=-1.2, name="other"), rule="special")
        add(op, V([7, -7, 7, -7, 0, 5, 8, -8]), V([3, 3, -3, -3, 2, 5, 4, 4], name="other"))
        add(op, I(3, 5, mod=20, offset=-10, name="input"), I(3, 5, mod=4, offset=1, name="other"))
        add(op, I(3, 5, mod=20, offset=-10, name="input"), I(5, mod=4, offset=-5, name="other"))
    for op in ("atan2", "hypot"):
        add(op, N(3, 7, scale=4), N(3, 7, scale=4, name="other"))
        add(op, N(2, 1, 4, scale=4), N(3, 1, scale=4, name="other"))
        add(op, N(2, 0), N(2, 1, name="other"))
    add("copysign", N(3, 7, scale=4), N(3, 7, scale=4, name="other"))
    add("copysign", N(2, 1, 4), N(3, 1, name="other"), rule="usual")
    add("lerp", N(3, 4), N(3, 4, name="end"), weight=0.3)
    add("lerp", N(3, 4), N(4, name="end"), weight=0.75)
    add("lerp", N(2, 3, 4), N(3, 4, name="end"), N(4, offset=0.5, name="weight"))
    for op in ("addcmul", "addcdiv"):
        add(op, N(3, 4), N(3, 4, name="a"), N(3, 4, scale=2, offset=1.5, name="b"), value=0.7)
        add(op, N(2, 3, 4), N(3, 1, name="a"), N(4, scale=2, offset=1.5, name="b"))
    add("nanToNum", V([NAN, 1, -0.0]))
    add("nanToNum", V([NAN, INF, -INF, 1, -2]), nan=3, posinf=7.5, neginf=-2)
    close = [1, 1, 1, 0, NAN, NAN, INF, INF, 1e-9], [1, 1.000005, 1.1, 1e-9, NAN, 1, INF, -INF, 0]
    add("isclose", V(close[0]), V(close[1], name="other"))
    add("isclose", V(close[0]), V(close[1], name="other"), rtol=0.2, atol=0, equalNan=True)
    add("isinf", V([0, INF, -INF, NAN, 3e38]))
    add("isinf", I(4, mod=3, name="input"))
    add("logicalXor", B(3, 5), B(3, 5, name="other"))
    add("logicalXor", V([0, -0.0, 1, NAN, 0, INF]), V([0, 1, 0, 1, NAN, -2], name="other"))
    add("clip", N(3, 5, scale=4), min=-0.7, max=0.9)
    add("logicalXor", I(2, 1, 4, mod=2, name="input"), B(3, 1, name="other"))


OPS |= {op: plain(getattr(torch, op)) for op in (
    "exp2", "log2", "log10", "reciprocal", "tan", "asin", "acos", "atan", "sinh", "cosh", "floor", "ceil", "round", "trunc", "frac",
    "remainder", "fmod", "atan2", "hypot", "copysign", "lerp", "addcmul", "addcdiv", "isclose", "isinf", "clip",
)}
OPS |= {"nanToNum": plain(torch.nan_to_num), "logicalXor": plain(torch.logical_xor)}
EXACT |= {"floor", "ceil", "round", "trunc", "copysign", "nanToNum", "clip"}


def activation(add, N, I, B, V):
    for op in ("mish", "hardswish", "hardsigmoid", "hardtanh", "relu6", "selu", "celu", "softsign", "logSigmoid"):
        add(op, N(3, 7, scale=9))
        add(op, N(2, 1, 5, scale=0.2))
        add(op, V([-50, -3, -1, 0, 1, 3, 6, 50]))
        add(op, N(0, 2))
    add("hardtanh", N(3, 7, scale=4), minVal=-0.5, maxVal=1.5)
    add("celu", N(3, 7, scale=4), alpha=0.6)
    add("celu", N(3, 7, scale=4), alpha=-2)
    add("threshold", N(3, 7, scale=4), threshold=0.3, value=-7)
    add("threshold", V([0.5, 1, NAN]), threshold=0.5, value=2)
    for shape, c in (([3, 4], 1), ([3, 4], 4), ([2, 3, 4, 2], 3), ([5], 1), ([0, 3], 3)):
        add("prelu", N(*shape, scale=4), N(c, offset=0.25, name="weight"))
    for shape, dim in (([6], -1), ([3, 4], 1), ([2, 6, 3], 1), ([4, 0, 2], 0)):
        add("glu", N(*shape, scale=4), dim=dim)
    for shape, dim in (([6], 0), ([3, 4], 1), ([2, 6, 3], -2)):
        add("softmin", N(*shape, scale=4), dim=dim)


OPS |= {op: plain(getattr(F, name)) for op, name in {
    "mish": "mish", "hardswish": "hardswish", "hardsigmoid": "hardsigmoid", "hardtanh": "hardtanh", "relu6": "relu6", "selu": "selu",
    "celu": "celu", "softsign": "softsign", "logSigmoid": "logsigmoid", "threshold": "threshold", "prelu": "prelu", "glu": "glu",
    "softmin": "softmin",
}.items()}

def shapes(add, N, I, B, V):
    for shape, sizes in (([3], [2]), ([2, 3], [2, 1, 3]), ([], [2, 2]), ([2, 1, 3], [1, 3, 2]), ([2], [0]), ([2, 3], [2, 2])):
        add("repeat", N(*shape), sizes=sizes, rule="usual")
    for shape, dims in (([3], [2]), ([2, 3], [2]), ([2, 3], [2, 1, 3]), ([], [2])):
        add("tile", N(*shape), dims=dims, rule="usual")
    add("repeat", I(2, 3, mod=9, name="input"), sizes=[2, 2])
    for shape, chunks, dim in (([7], 3, 0), ([3, 7], 2, 1), ([4, 5, 2], 9, -2), ([6, 2], 4, 0)):
        add("chunk", N(*shape), chunks=chunks, dim=dim)
    for shape, dim in (([3], 0), ([3, 4], 1), ([2, 3, 4], -2)):
        add("unbind", N(*shape), dim=dim)
    for shape, dim, start, length in (([7], 0, 2, 3), ([3, 4], 1, -3, 2), ([2, 3, 4], -2, 0, 0), ([2, 5], 1, 0, 5)):
        add("narrow", N(*shape), dim=dim, start=start, length=length)
    for shape, args in (
        ([5], {"shifts": 2}), ([2, 3], {"shifts": -2}), ([3, 4], {"shifts": 5, "dims": 1}), ([3, 4], {"shifts": [1, -1], "dims": [0, 1]}),
        ([2, 3, 2], {"shifts": [1, 2], "dims": [-2, -2]}), ([0, 3], {"shifts": 1, "dims": 0}), ([4], {"shifts": 8, "dims": 0}),
    ):
        add("roll", N(*shape), **args)
    for k in (-1, 0, 1, 2, 3, 5):
        add("rot90", N(3, 4), k=k)
        add("rot90", N(2, 3, 4), k=k, dims=[2, 0])
    for shape, a, b in (([2, 3, 4], 0, 2), ([2, 3, 4], -1, 0), ([2, 3, 4], [0, 1], [2, 0]), ([5], 0, 0)):
        add("movedim", N(*shape), source=a, destination=b)
    for shape, dim, sizes in (([6], 0, [2, 3]), ([2, 6], 1, [3, -1]), ([4, 3], -2, [2, 1, 2]), ([2, 0], 1, [0, 3])):
        add("unflatten", N(*shape), dim=dim, sizes=sizes)
    for shape, args in (
        ([3, 4], {}), ([4, 3], {"offset": -1}), ([3, 4], {"offset": 2}), ([3, 4], {"offset": 9}), ([2, 3, 4], {"offset": 1, "dim1": 2, "dim2": 0}),
        ([2, 3, 3, 2], {"offset": -1, "dim1": -3, "dim2": -2}), ([0, 3], {}),
    ):
        add("diagonal", N(*shape), **args)
    for shape, diagonal in (([3], 0), ([3], 2), ([2], -1), ([3, 4], 1), ([4, 3], -2), ([0], 1)):
        add("diag", N(*shape), diagonal=diagonal)
    for op in ("tril", "triu"):
        for shape, diagonal in (([3, 4], 0), ([4, 3], 1), ([2, 3, 3], -1), ([3, 3], -9), ([2, 3], 9), ([2, 0, 3], 0)):
            add(op, N(*shape), diagonal=diagonal)
        add(op, I(3, 3, mod=9, name="input"))
        add(op, V([NAN, INF, NAN, NAN], [2, 2]))
    for n, m in ((3, 4), (1, 5), (0, 2)):
        add("outer", N(n), N(m, name="other"))
    for b, n, k, m in ((3, 2, 4, 5), (1, 7, 3, 2), (0, 2, 3, 4), (2, 3, 0, 2)):
        add("bmm", N(b, n, k), N(b, k, m, name="mat2"))
    for sizes, indexing in (([3, 2], "ij"), ([3, 2], "xy"), ([2], "xy"), ([2, 3, 4], "xy"), ([2, 1, 3], "ij")):
        add("meshgrid", *[I(n, mod=9, name=f"t{k}") for k, n in enumerate(sizes)], indexing=indexing)
    for equation, *sizes in (
        ("ij,jk->ik", [2, 3], [3, 4]), ("bij,bjk->bik", [2, 3, 4], [2, 4, 5]), ("ii", [3, 3]), ("ii->i", [3, 3]), ("ij->ji", [2, 3]), ("i,j->ij", [3], [2]),
        ("ij,j", [2, 3], [3]), ("ijk->k", [2, 3, 4]), ("...ij,...jk->...ik", [2, 1, 3, 4], [5, 4, 2]), ("bhqd,bhkd->bhqk", [2, 2, 3, 4], [2, 2, 5, 4]),
        ("ab,bc,cd->ad", [2, 3], [3, 4], [4, 2]), ("i,i,i->", [4], [4], [4]), ("ab,cd->bd", [2, 3], [4, 5]), ("nchw,ck->nkhw", [2, 3, 2, 2], [3, 4]), ("b...,b...->...", [2, 3, 2], [2, 3, 2]),
        ("aab,b->a", [3, 3, 2], [2]),
    ):
        add("einsum", *[N(*shape, name=f"t{k}") for k, shape in enumerate(sizes)], equation=equation)


OPS |= {op: plain(getattr(torch, op)) for op in ("tile", "chunk", "unbind", "narrow", "roll", "rot90", "movedim", "diagonal", "diag", "tril", "triu", "outer", "bmm")}
OPS |= {
    "repeat": lambda t, args, named: t[0].repeat(*args["sizes"]),
    "unflatten": lambda t, args, named: t[0].unflatten(args["dim"], args["sizes"]),
    "meshgrid": lambda t, args, named: torch.meshgrid(*t, indexing=args["indexing"]),
    "einsum": lambda t, args, named: torch.einsum(args["equation"], *t),
}
EXACT |= {"chunk", "unbind", "narrow", "roll", "rot90", "movedim", "unflatten", "diagonal", "diag", "tril", "triu"}

def indexing(add, N, I, B, V):
    torch.manual_seed(0)
    for shape, n, dim in (([5], 8, 0), ([4, 3], 2, 1), ([4, 3], 7, 0), ([2, 5, 3], 4, 1), ([2, 3, 8], 3, -3), ([3, 0], 2, 0)):
        add("indexSelect", N(*shape), I(n, mod=shape[dim]), dim=dim, rule="usual")
    add("indexSelect", N(3, 4), V([], dtype="int32", name="index"), dim=1, rule="usual")
    add("takeAlongDim", N(3, 4), I(3, 2, mod=4), dim=1, rule="usual")
    add("takeAlongDim", N(3, 1, 4), I(1, 2, 4, mod=3), dim=0, rule="usual")
    add("takeAlongDim", N(3, 4), I(5, mod=12), rule="usual")
    for shape, index, dim in (([5], [3], 0), ([4, 3], [2, 3], 0), ([4, 3], [4, 2], 1), ([2, 5, 3], [1, 4, 2], 1), ([2, 3], [2, 0], 1)):
        places = torch.randperm(shape[dim])[:index[dim]].tolist()
        whole = torch.tensor(places).reshape([-1 if d == dim else 1 for d in range(len(index))]).expand(index).reshape(-1).tolist()
        where = V(whole, list(index), dtype="int32", name="index")
        add("scatter", N(*shape), where, N(*index, name="src"), dim=dim, rule="usual")
        add("scatter", N(*shape), where, dim=dim, value=1.5)
        add("scatterAdd", N(*shape), I(*index, mod=shape[dim]), N(*index, name="src"), dim=dim, rule="usual")
    add("scatter", N(4, 3), V([2, 0, 1, 1, 2, 3], [2, 3], dtype="int32", name="index"), N(3, 5, name="src"), dim=0, rule="usual", grads=False)
    add("scatterAdd", N(4, 3), I(2, 3, mod=4), N(3, 5, name="src"), dim=0, rule="usual", grads=False)
    add("scatterAdd", N(3, 40), I(3, 300, mod=40), N(3, 300, name="src"), dim=1, rule="usual")
    for shape, n, dim in (([5], 8, 0), ([4, 3], 2, 1), ([4, 3], 7, 0), ([2, 5, 3], 4, 1)):
        source = [n if d == dim else size for d, size in enumerate(shape)]
        add("indexAdd", N(*shape), I(n, mod=shape[dim]), N(*source, name="source"), dim=dim, rule="usual")
        add("indexAdd", N(*shape), I(n, mod=shape[dim]), N(*source, name="source"), dim=dim, alpha=-0.5, rule="usual")
        k = min(n, shape[dim])
        source = [k if d == dim else size for d, size in enumerate(shape)]
        add("indexCopy", N(*shape), V(torch.randperm(shape[dim])[:k].tolist(), dtype="int32", name="index"), N(*source, name="source"), dim=dim)
    for accumulate in (False, True):
        add("indexPut", N(4, 3), V([3, 0], dtype="int32", name="i0"), N(2, 3, name="values"), accumulate=accumulate, rule="usual")
        add("indexPut", N(4, 3, 2), V([3, 0], dtype="int32", name="i0"), V([1, 2], dtype="int32", name="i1"), N(2, name="values"), accumulate=accumulate, rule="usual")
        add("indexPut", N(4, 3), V([3, 0], [2, 1], dtype="int32", name="i0"), V([1, 2, 0], dtype="int32", name="i1"), N(2, 3, name="values"), accumulate=accumulate, rule="usual")
    add("indexPut", N(4, 3), I(9, mod=4, name="i0"), N(9, 1, name="values"), accumulate=True, rule="usual")
    add("indexPut", N(4), V([1, 0, 1, 1], dtype="bool", name="i0"), N(3, name="values"))
    for shape, mask in (([3, 4], [3, 4]), ([3, 4], [4]), ([3, 1], [3, 4]), ([], [])):
        add("maskedFill", N(*shape), B(*mask, name="mask"), value=-2.5, rule="usual")
        add("maskedSelect", N(*shape), B(*mask, name="mask"), rule="usual")
    add("maskedFill", N(3, 4), B(3, 4, name="mask"), N(name="value"), rule="usual")
    add("maskedFill", I(3, 4, mod=9, name="input"), B(3, 4, name="mask"), value=7)
    add("maskedSelect", V([NAN, 1, INF]), V([1, 0, 1], dtype="bool", name="mask"))
    add("nonzero", V([0, 1, NAN, 0, -0.0, 2], [2, 3]))
    add("nonzero", B(2, 3, 4))
    add("nonzero", I(40, mod=3, name="input"))
    add("nonzero", V([0, 0]))
    add("nonzero", V([2], []))
    for shape, args in (
        ([9], {}), ([3, 7], {}), ([3, 7], {"dim": 0, "descending": True}), ([2, 5, 3], {"dim": 1}), ([2, 5, 3], {"dim": -3, "descending": True}),
        ([300], {"descending": True}), ([], {}), ([2, 0], {}),
    ):
        add("sort", N(*shape, scale=5), **args)
        add("argsort", N(*shape, scale=5), **args)
    for args in ({}, {"descending": True}):
        add("sort", V([3, NAN, 1, INF, -INF, 1, NAN, 0, 2]), **args, stable=True)
        add("sort", I(3, 9, mod=4, offset=-1, name="input"), **args, stable=True)
        add("sort", B(3, 6), **args, stable=True)
    add("unique", I(40, mod=7, offset=-3, name="input"), returnInverse=True, returnCounts=True, grads=False)
    add("unique", V([1, 3, 1, INF, 3, -0.5], [2, 3]), returnInverse=True, returnCounts=True, grads=False)
    add("unique", V([5]), returnInverse=True, returnCounts=True, grads=False)
    add("unique", B(3, 4), returnInverse=True, returnCounts=True, grads=False)
    add("bincount", I(50, mod=9, name="input"))
    add("bincount", I(5, mod=4, name="input"), minlength=9)
    add("bincount", V([], dtype="int32"), minlength=2)
    add("bincount", I(50, mod=9, name="input"), N(50, name="weights"), grads=False)
    for args in ({"bins": 5, "min": -1, "max": 1}, {"bins": 7}, {}, {"bins": 3, "min": 0.5, "max": 0.75}):
        add("histc", N(6, 20, scale=3), **args, grads=False)
    add("histc", V([2, 2, 2]), bins=4, grads=False)
    add("histc", V([1, 2, 3, 4, -1, 9]), bins=3, min=1, max=4, grads=False)


OPS |= {
    "indexSelect": lambda t, args, named: torch.index_select(t[0], args["dim"], t[1]),
    "takeAlongDim": plain(torch.take_along_dim),
    "scatter": lambda t, args, named: torch.scatter(t[0], args["dim"], t[1], args["value"] if len(t) == 2 else t[2]),
    "scatterAdd": lambda t, args, named: torch.scatter_add(t[0], args["dim"], t[1], t[2]),
    "indexAdd": lambda t, args, named: torch.index_add(t[0], args["dim"], t[1], t[2], alpha=args.get("alpha", 1)),
    "indexCopy": lambda t, args, named: torch.index_copy(t[0], args["dim"], t[1], t[2]),
    "indexPut": lambda t, args, named: torch.index_put(t[0], t[1:-1], t[-1], args.get("accumulate", False)),
    "maskedFill": lambda t, args, named: torch.masked_fill(t[0], t[1], args["value"] if len(t) == 2 else t[2]),
    "maskedSelect": plain(torch.masked_select), "nonzero": plain(torch.nonzero), "sort": plain(torch.sort), "argsort": plain(torch.argsort),
    "unique": plain(torch.unique), "bincount": plain(torch.bincount), "histc": plain(torch.histc),
}
EXACT |= {"sort", "maskedSelect", "indexCopy"}

def reductions(add, N, I, B, V):
    for shape, dim in (([7], 0), ([4, 5], 1), ([4, 5], -2), ([2, 3, 5], 1), ([], 0), ([2, 0], 1)):
        add("cumprod", N(*shape, scale=3, offset=0.2), dim=dim)
        add("logcumsumexp", N(*shape, scale=4), dim=dim)
    add("cumprod", V([2, 0, 3, -1.5, 0, 4, 1, 2], [2, 4]), dim=1)
    add("cumprod", V([0, 2, 3, -1.5, 1, 4, 1, 0], [2, 4]), dim=1)
    add("cumprod", N(1, 1100, scale=0.02, offset=1), dim=1)
    add("cumprod", I(3, 5, mod=4, offset=1, name="input"), dim=1)
    add("logcumsumexp", N(3, 67, scale=60), dim=1)
    add("logcumsumexp", N(1100, 1, scale=2), dim=0)
    add("logcumsumexp", V([-INF, -INF, 2, -INF, 1]), dim=0, grads=False)
    nans = V([1, NAN, 3, NAN, NAN, NAN, 0.5, 2, -1], [3, 3])
    for args in ({}, {"dim": 0}, {"dim": 1, "keepdim": True}, {"dim": [0, 1]}):
        add("nansum", nans, **args)
        add("nansum", N(3, 4), **args)
        add("nanmean", nans, **args, grads=args.get("dim") != 1)
        add("nanmean", N(3, 4), **args)
        add("varMean", N(3, 4, scale=2, offset=1), **({"dim": [0, 1]} | args), unbiased=True)
        add("stdMean", N(3, 4, scale=2, offset=1), **({"dim": [0, 1]} | args), unbiased=False)
    for args in ({}, {"dim": 0}, {"dim": [0, -1]}):
        add("countNonzero", V([1, NAN, 0, -0.0, 2, 0], [2, 3]), **args)
        add("countNonzero", I(3, 4, mod=3, name="input"), **args)
        add("countNonzero", B(3, 4), **args)
    for shape, args in (([7], {}), ([3, 4], {"dim": 1}), ([3, 4], {"dim": 0, "keepdim": True}), ([2, 3, 5], {"dim": -2})):
        add("aminmax", N(*shape, scale=3), **args, grads=False)
    add("aminmax", I(3, 4, mod=9, name="input"))
    for shape, args in (([7], {"dim": 0}), ([3, 4], {"dim": 1}), ([3, 4], {"dim": 0, "keepdim": True}), ([2, 3, 5], {"dim": -2}), ([], {"dim": 0})):
        add("median", N(*shape, scale=3), **args, rule="exact")
    for shape in ([7], [3, 4], []):
        add("median", N(*shape, scale=3), rule="exact")
    add("median", V([1, NAN, 3, 4, 2, 0], [2, 3]), dim=1, rule="exact")
    add("median", V([1, NAN, 3, 4, 2, 0], [2, 3]), rule="exact", grads=False)
    for interpolation in ("linear", "lower", "higher", "midpoint", "nearest"):
        for shape, q, args in (
            ([7], 0.5, {}), ([3, 4], 0.25, {"dim": 1}), ([3, 4], [0, 0.4, 1], {"dim": 0, "keepdim": True}), ([2, 3, 5], 0.9, {"dim": -2}), ([2, 6], [0.3], {}),
        ):
            add("quantile", N(*shape, scale=3), q=q, **args, interpolation=interpolation)
    add("quantile", V([1, NAN, 3, 4, 2, 0], [2, 3]), q=0.5, dim=1, interpolation="linear")


def quantile(t, args, named):
    q = args.pop("q")
    return torch.quantile(t[0], torch.tensor(q, dtype=t[0].dtype) if isinstance(q, list) else q, **args)


OPS |= {op: plain(getattr(torch, name)) for op, name in {
    "cumprod": "cumprod", "logcumsumexp": "logcumsumexp", "nansum": "nansum", "nanmean": "nanmean", "varMean": "var_mean",
    "stdMean": "std_mean", "countNonzero": "count_nonzero", "aminmax": "aminmax", "median": "median",
}.items()}
OPS |= {"quantile": quantile}
EXACT |= {"aminmax"}

def images(add, N, I, B, V):
    for shape, args in (
        ([1, 2, 4, 5], {"kernelSize": [2, 3]}), ([2, 1, 5, 4], {"kernelSize": 3, "padding": 1, "stride": 2}), ([1, 3, 6, 6], {"kernelSize": [3, 2], "dilation": [2, 1], "stride": [1, 2]}),
        ([2, 2, 3, 3], {"kernelSize": 1}), ([0, 2, 3, 3], {"kernelSize": 2}),
    ):
        add("unfold", N(*shape), **args, rule="usual")
    add("unfold", V([1, NAN, INF, 4], [1, 1, 2, 2]), kernelSize=2, padding=1, rule="usual")
    for shape, args in (
        ([1, 8, 12], {"outputSize": [4, 5], "kernelSize": [2, 2]}), ([2, 9, 6], {"outputSize": [5, 4], "kernelSize": 3, "padding": 1, "stride": 2}),
        ([1, 12, 8], {"outputSize": 6, "kernelSize": [3, 2], "dilation": [2, 1], "stride": [1, 2], "padding": [0, 1]}), ([2, 2, 9], {"outputSize": 3, "kernelSize": 1}),
    ):
        if args["outputSize"] == 6:
            shape = [1, 12, 8]
        add("fold", N(*shape), **args, rule="usual")
    for x, weight, args in (
        ([2, 3, 7], [4, 3, 3], {}), ([1, 4, 9], [6, 2, 2], {"groups": 2, "stride": 2, "padding": 1}), ([2, 1, 5], [1, 1, 5], {"padding": 2, "dilation": 1}),
        ([1, 2, 9], [3, 2, 3], {"dilation": 2, "padding": "same"}), ([1, 2, 4], [3, 2, 3], {"padding": "valid"}),
    ):
        add("conv1d", N(*x), N(*weight, name="weight"), **args)
        add("conv1d", N(*x), N(*weight, name="weight"), N(weight[0], name="bias"), **args)
    for x, weight, args in (
        ([2, 3, 5], [3, 2, 3], {}), ([1, 4, 4], [4, 3, 2], {"groups": 2, "stride": 2, "padding": 1, "outputPadding": 1}), ([2, 1, 5], [1, 2, 3], {"dilation": 2}),
    ):
        add("convTranspose1d", N(*x), N(*weight, name="weight"), **args)
        add("convTranspose1d", N(*x), N(*weight, name="weight"), N(weight[1] * args.get("groups", 1), name="bias"), **args)
    for shape, args in (([2, 3, 8], {"kernelSize": 2}), ([1, 2, 9], {"kernelSize": 3, "stride": 2, "padding": 1, "ceilMode": True}), ([2, 1, 7], {"kernelSize": 4, "stride": 1})):
        add("maxPool1d", N(*shape), **args)
        add("avgPool1d", N(*shape), **args)
    add("maxPool1d", N(2, 3, 9), kernelSize=3, dilation=2)
    add("avgPool1d", N(2, 3, 9), kernelSize=3, padding=1, countIncludePad=False)
    for args in ({"kernelSize": 2}, {"kernelSize": [2, 3], "stride": 1, "padding": 1}, {"kernelSize": 3, "stride": 2, "padding": 1, "ceilMode": True}):
        add("avgPool2d", N(2, 2, 6, 5), **args, divisorOverride=5)
        add("avgPool2d", N(2, 2, 6, 5), **args, countIncludePad=False, divisorOverride=-2)
    for shape, size in (([2, 3, 7, 5], [3, 2]), ([1, 2, 4, 6], [2, 3]), ([1, 1, 3, 3], [5, 4]), ([2, 2, 6, 9], 4), ([2, 2, 3, 4], 1), ([1, 2, 5, 4], [None, 3])):
        add("adaptiveMaxPool2d", N(*shape), outputSize=size)
        add("adaptiveMaxPool2d", N(*shape), outputSize=size, returnIndices=True)
    for shape, args in (([1, 2, 4, 6], {"kernelSize": 2}), ([2, 1, 6, 9], {"kernelSize": [2, 3]})):
        x = torch.from_numpy(torch.rand(shape).numpy())
        y, at = F.max_pool2d(x, **{{"kernelSize": "kernel_size"}.get(k, k): v for k, v in args.items()}, return_indices=True)
        add("maxUnpool2d", N(*y.shape), V(at.reshape(-1).tolist(), list(at.shape), dtype="int32", name="indices"), **args)
        add("maxUnpool2d", N(*y.shape), V(at.reshape(-1).tolist(), list(at.shape), dtype="int32", name="indices"), **args, outputSize=shape[2:])
    for shape, r in (([1, 8, 2, 3], 2), ([9, 1, 2], 3), ([2, 2, 4, 3, 2], 2), ([1, 2, 3, 3], 1)):
        add("pixelShuffle", N(*shape), upscaleFactor=r)
        back = [*shape[:-3], shape[-3] // r**2, shape[-2] * r, shape[-1] * r]
        add("pixelUnshuffle", N(*back), downscaleFactor=r)
    for align in (False, True):
        add("affineGrid", N(2, 2, 3), size=[2, 3, 4, 5], alignCorners=align)
        add("affineGrid", N(1, 2, 3), size=[1, 1, 1, 3], alignCorners=align)
        for mode in ("bilinear", "nearest"):
            for padding in ("zeros", "border", "reflection"):
                add("gridSample", N(2, 3, 4, 5), N(2, 3, 4, 2, scale=2.9, name="grid"), mode=mode, paddingMode=padding, alignCorners=align)
        add("gridSample", N(1, 2, 1, 3), N(1, 5, 2, 2, scale=6, name="grid"), paddingMode="reflection", alignCorners=align)
        add("gridSample", N(2, 2, 3, 3), N(2, 4, 4, 2, scale=1.9, name="grid"), alignCorners=align)
    for shape, args in (([1, 2, 3, 4], {"size": [5, 3]}), ([2, 1, 5, 4], {"scaleFactor": 2}), ([1, 2, 4, 6], {"scaleFactor": [0.5, 1.7]}), ([1, 1, 7, 5], {"size": 3}), ([1, 1, 1, 1], {"size": [2, 3]})):
        add("interpolate", N(*shape), **args, mode="area")
        for align in (False, True):
            add("interpolate", N(*shape), **args, mode="bicubic", alignCorners=align)


def normalization(add, N, I, B, V):
    for shape, size, args in (([2, 5, 3, 2], 3, {}), ([1, 4, 2], 2, {"alpha": 0.5, "beta": 0.6, "k": 2}), ([2, 6, 2, 2], 5, {"alpha": 2}), ([3, 7, 2], 4, {"alpha": 1, "beta": 1})):
        add("localResponseNorm", N(*shape, scale=3), size=size, **args)
    for shape, affine in (([2, 3, 4, 5], True), ([2, 3, 7], False), ([1, 1, 2, 3], True)):
        more = [N(shape[1], offset=1, name="weight"), N(shape[1], name="bias")] if affine else []
        add("instanceNorm", N(*shape, scale=3, offset=0.5), *more, eps=1e-3)
    for shape, last, affine, eps in (([3, 5], [5], True, 1e-3), ([2, 3, 4], [3, 4], False, 1e-5), ([7], [7], True, 1e-5)):
        add("rmsNorm", N(*shape, scale=3), *([N(*last, offset=1, name="weight")] if affine else []), normalizedShape=last, eps=eps)
    for shape, args in (([3, 5], {}), ([2, 3, 4], {"dim": 2, "p": 1}), ([4], {"dim": 0}), ([2, 3, 4], {"dim": [1, 2]})):
        add("normalize", N(*shape, scale=3), **args)
    add("normalize", V([0, 0, 3, 4], [2, 2]), grads=False)
    for a, b, args in (([3, 5], [3, 5], {}), ([2, 3, 4], [3, 4], {"dim": 2}), ([3, 1, 5], [1, 4, 5], {"dim": -1}), ([6], [6], {"dim": 0})):
        add("cosineSimilarity", N(*a, scale=3), N(*b, scale=3, name="x2"), **args)
    for a, b, args in (([3, 5], [3, 5], {}), ([2, 3, 4], [4], {"keepdim": True}), ([3, 5], [3, 5], {"p": 1}), ([3, 5], [3, 5], {"p": 3, "eps": 0.01})):
        add("pairwiseDistance", N(*a, scale=3), N(*b, scale=3, name="x2"), **args)


def rms_norm(t, args, named):
    """As torch.nn.functional.rms_norm of 2.4 on: 1.13 has none."""
    x = named["input"]
    dims = tuple(range(-len(args["normalized_shape"]), 0))
    y = x * torch.rsqrt(x.pow(2).mean(dims, keepdim=True) + args["eps"])
    return y * named["weight"] if "weight" in named else y


OPS |= {op: plain(getattr(F, name)) for op, name in {
    "unfold": "unfold", "fold": "fold", "conv1d": "conv1d", "convTranspose1d": "conv_transpose1d", "maxPool1d": "max_pool1d", "avgPool1d": "avg_pool1d",
    "avgPool2d": "avg_pool2d", "adaptiveMaxPool2d": "adaptive_max_pool2d", "maxUnpool2d": "max_unpool2d", "pixelShuffle": "pixel_shuffle",
    "pixelUnshuffle": "pixel_unshuffle", "gridSample": "grid_sample", "affineGrid": "affine_grid", "localResponseNorm": "local_response_norm",
    "normalize": "normalize", "cosineSimilarity": "cosine_similarity", "pairwiseDistance": "pairwise_distance",
}.items()}
OPS |= {
    "rmsNorm": rms_norm,
    "instanceNorm": lambda t, args, named: F.instance_norm(t[0], weight=named.get("weight"), bias=named.get("bias"), **args),
}
EXACT |= {"pixelShuffle", "pixelUnshuffle", "maxUnpool2d"}

def losses(add, N, I, B, V):
    for reduction in ("mean", "sum", "none"):
        add("huberLoss", N(3, 5, scale=5), N(3, 5, name="target"), reduction=reduction)
        add("huberLoss", N(3, 5, scale=5), N(3, 5, name="target"), reduction=reduction, delta=0.4)
        add("binaryCrossEntropy", N(3, 5, scale=0.9, offset=0.5), N(3, 5, scale=0.9, offset=0.5, name="target"), reduction=reduction)
        add("binaryCrossEntropy", N(3, 5, scale=0.9, offset=0.5), N(3, 5, scale=0.9, offset=0.5, name="target"), N(5, offset=1, name="weight"), reduction=reduction, grads=False)
        add("poissonNllLoss", N(3, 5, scale=3), N(3, 5, scale=4, offset=3, name="target"), reduction=reduction)
        add("poissonNllLoss", N(3, 5, scale=3, offset=2), N(3, 5, scale=4, offset=3, name="target"), reduction=reduction, logInput=False, full=True, eps=1e-4)
        for sign in ("float32", "int32"):
            add("marginRankingLoss", N(7, scale=3), N(7, scale=3, name="input2"), V([1, -1, 1, 1, -1, -1, 1], name="target", dtype=sign), reduction=reduction, margin=0.4, grads=sign == "int32")
            add("cosineEmbeddingLoss", N(4, 6, scale=3), N(4, 6, scale=3, name="input2"), V([1, -1, 1, -1], name="target", dtype=sign), reduction=reduction, margin=0.1, grads=sign == "int32")
        add("tripletMarginLoss", N(4, 6, scale=3), N(4, 6, scale=3, name="positive"), N(4, 6, scale=3, name="negative"), reduction=reduction)
        add("tripletMarginLoss", N(4, 6, scale=3), N(4, 6, scale=3, name="positive"), N(4, 6, scale=3, name="negative"), reduction=reduction, margin=0.5, p=1, swap=True)
        add("multilabelSoftMarginLoss", N(4, 6, scale=3), V([0, 1, 1] * 8, [4, 6], name="target"), reduction=reduction)
        add("multilabelSoftMarginLoss", N(4, 6, scale=3), V([0, 1, 1] * 8, [4, 6], name="target"), N(6, offset=1, name="weight"), reduction=reduction, grads=False)
    for reduction in ("mean", "sum", "none", "batchmean"):
        add("klDiv", N(3, 5, scale=2, offset=-2), N(3, 5, scale=0.9, offset=0.5, name="target"), reduction=reduction)
        add("klDiv", N(3, 5, scale=2, offset=-2), N(3, 5, scale=2, offset=-2, name="target"), reduction=reduction, logTarget=True)
    add("cosineEmbeddingLoss", N(6), N(6, name="input2"), V([1], [], name="target", dtype="int32"), reduction="mean")
    add("binaryCrossEntropy", V([0, 1, 0.5, 0, 1]), V([0, 1, 0.5, 1, 0], name="target"), reduction="none", grads=False)
    add("klDiv", V([-1, -2, -3]), V([0, 1, 0.5], name="target"), reduction="none", grads=False)


def detached(t):
    return None if t is None else t.detach()


OPS |= {op: plain(getattr(F, name)) for op, name in {
    "huberLoss": "huber_loss", "klDiv": "kl_div", "poissonNllLoss": "poisson_nll_loss", "marginRankingLoss": "margin_ranking_loss",
    "cosineEmbeddingLoss": "cosine_embedding_loss", "tripletMarginLoss": "triplet_margin_loss",
}.items()}
OPS |= {
    "binaryCrossEntropy": lambda t, args, named: F.binary_cross_entropy(t[0], t[1], weight=detached(named.get("weight")), **args),
    "multilabelSoftMarginLoss": lambda t, args, named: F.multilabel_soft_margin_loss(t[0], t[1], weight=detached(named.get("weight")), **args),
}

KINDS = [elementary, activation, shapes, indexing, reductions, images, normalization, losses]

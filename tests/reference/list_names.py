#!/usr/bin/python3
"""Lists the names that PyTorch's documentation has, by section: tests/fixtures/torch/names.json.

    /usr/bin/python3 tests/reference/list_names.py > tests/fixtures/torch/names.json

Documented is what PyTorch 1.13 itself gives a text: functions of torch and of tensors get theirs in `_torch_docs.py` and
`_tensor_docs.py`, those of nn.functional and classes have their own. Aliases that only change the number of underscores,
and what begins or ends with one (the forms in place), are not counted.
"""
import inspect
import json
import re

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim


def documented(path, pattern):
    text = open(path).read()
    return {name for name in re.findall(pattern, text) if not name.endswith("_") and not name.startswith("_")}


def public(names):
    return sorted(name for name in names if not name.startswith("_") and not name.endswith("_"))


def functions(module, names):
    return {name for name in names if callable(getattr(module, name, None)) and not inspect.isclass(getattr(module, name))}


base = torch.__file__.replace("__init__.py", "")
torch_names = documented(base + "_torch_docs.py", r"add_docstr\(\s*torch\.(\w+),") | functions(torch, torch.functional.__all__) | {
    "manual_seed", "seed", "initial_seed", "get_rng_state", "set_rng_state", "save", "load", "no_grad", "enable_grad", "set_grad_enabled",
    "is_grad_enabled", "is_tensor", "is_storage", "set_default_dtype", "set_default_tensor_type", "set_printoptions", "compiled_with_cxx11_abi",
    "use_deterministic_algorithms", "set_num_threads",
}
tensor_names = documented(base + "_tensor_docs.py", r'add_docstr_all\(\s*"(\w+)"') | {
    "backward", "register_hook", "retain_grad", "requires_grad", "grad", "is_leaf", "grad_fn", "shape", "dtype", "detach", "norm", "unflatten", "split", "unique",
}
F_names = {name for name, value in vars(F).items() if callable(value) and (value.__doc__ or "") and not inspect.isclass(value)
           and name not in ("boolean_dispatch", "has_torch_function", "has_torch_function_unary", "has_torch_function_variadic", "handle_torch_function",
                            "assert_int_or_pair", "Callable", "List", "Optional", "Tuple", "Union", "native_channel_shuffle", "adaptive_max_pool2d_with_indices", "importlib", "multi_head_attention_forward")
           and not name.endswith("_with_indices")}
nn_names = {name for name in nn.modules.__all__} - {"Container", "NLLLoss2d", "CrossMapLRN2d", "RNNCellBase"} | {"Parameter", "ParameterList", "ParameterDict"}
optim_names = {name for name, value in vars(optim).items() if inspect.isclass(value)} | {
    f"lr_scheduler.{name}" for name, value in vars(optim.lr_scheduler).items()
    if inspect.isclass(value) and issubclass(value, (optim.lr_scheduler._LRScheduler, optim.lr_scheduler.ReduceLROnPlateau)) and not name.startswith("_")
} | {"swa_utils.AveragedModel", "swa_utils.SWALR", "swa_utils.update_bn", "lr_scheduler.ChainedScheduler"}

sections = {"torch": torch_names, "Tensor": tensor_names, "nn": nn_names, "nn.functional": F_names, "optim": optim_names}
lines = [f'"{section}": {json.dumps(public(names))}' for section, names in sections.items()]
print("{\n" + ",\n".join(lines) + "\n}")

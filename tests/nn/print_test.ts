// Every layer and loss prints as PyTorch 1.13 prints it, and names its state as PyTorch does.
import { assertEquals } from "@std/assert";
import { nn, ones, openDevice } from "../../mod.ts";

await openDevice();

/** A module, what PyTorch prints, and the keys of its state dict. */
const PRINTED: readonly [module: nn.Module, text: string, keys: string][] = [
  [new nn.AdaptiveAvgPool2d(1), "AdaptiveAvgPool2d(output_size=1)", ""],
  [new nn.AdaptiveAvgPool2d([2, null]), "AdaptiveAvgPool2d(output_size=(2, None))", ""],
  [new nn.AvgPool2d(2), "AvgPool2d(kernel_size=2, stride=2, padding=0)", ""],
  [
    new nn.AvgPool2d([2, 3], { stride: [1, 2], padding: 1 }),
    "AvgPool2d(kernel_size=(2, 3), stride=(1, 2), padding=1)",
    "",
  ],
  [new nn.BCEWithLogitsLoss(), "BCEWithLogitsLoss()", ""],
  [
    new nn.BatchNorm1d(3),
    "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
    "weight bias running_mean running_var num_batches_tracked",
  ],
  [
    new nn.BatchNorm2d(3, { eps: 0.001, momentum: null, affine: false, trackRunningStats: false }),
    "BatchNorm2d(3, eps=0.001, momentum=None, affine=False, track_running_stats=False)",
    "",
  ],
  [new nn.Conv2d(1, 6, 5), "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))", "weight bias"],
  [
    new nn.Conv2d(4, 6, [3, 2], { stride: 2, padding: [1, 0], dilation: 2, groups: 2, bias: false }),
    "Conv2d(4, 6, kernel_size=(3, 2), stride=(2, 2), padding=(1, 0), dilation=(2, 2), groups=2, bias=False)",
    "weight",
  ],
  [
    new nn.Conv2d(1, 1, 3, { padding: "same" }),
    "Conv2d(1, 1, kernel_size=(3, 3), stride=(1, 1), padding=same)",
    "weight bias",
  ],
  [
    new nn.Conv2d(1, 1, 3, { padding: "valid" }),
    "Conv2d(1, 1, kernel_size=(3, 3), stride=(1, 1), padding=valid)",
    "weight bias",
  ],
  [
    new nn.ConvTranspose2d(2, 3, 3),
    "ConvTranspose2d(2, 3, kernel_size=(3, 3), stride=(1, 1))",
    "weight bias",
  ],
  [
    new nn.ConvTranspose2d(2, 4, 3, {
      stride: 2,
      padding: 1,
      outputPadding: 1,
      groups: 2,
      bias: false,
      dilation: 2,
    }),
    "ConvTranspose2d(2, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), output_padding=(1, 1), groups=2, bias=False)",
    "weight",
  ],
  [new nn.CrossEntropyLoss(), "CrossEntropyLoss()", ""],
  [new nn.Dropout(), "Dropout(p=0.5, inplace=False)", ""],
  [new nn.Dropout({ p: 0.25 }), "Dropout(p=0.25, inplace=False)", ""],
  [new nn.ELU(), "ELU(alpha=1.0)", ""],
  [new nn.ELU({ alpha: 0.5 }), "ELU(alpha=0.5)", ""],
  [new nn.Embedding(4, 2), "Embedding(4, 2)", "weight"],
  [new nn.Embedding(4, 2, { paddingIdx: 1 }), "Embedding(4, 2, padding_idx=1)", "weight"],
  [new nn.Embedding(4, 2, { paddingIdx: -1 }), "Embedding(4, 2, padding_idx=3)", "weight"],
  [new nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)", ""],
  [new nn.GELU(), "GELU(approximate='none')", ""],
  [new nn.GELU({ approximate: "tanh" }), "GELU(approximate='tanh')", ""],
  [new nn.GroupNorm(2, 4), "GroupNorm(2, 4, eps=1e-05, affine=True)", "weight bias"],
  [new nn.GroupNorm(2, 4, { affine: false, eps: 1e-6 }), "GroupNorm(2, 4, eps=1e-06, affine=False)", ""],
  [new nn.Identity(), "Identity()", ""],
  [new nn.L1Loss(), "L1Loss()", ""],
  [new nn.LayerNorm(4), "LayerNorm((4,), eps=1e-05, elementwise_affine=True)", "weight bias"],
  [
    new nn.LayerNorm([2, 3], { elementwiseAffine: false }),
    "LayerNorm((2, 3), eps=1e-05, elementwise_affine=False)",
    "",
  ],
  [new nn.LeakyReLU(), "LeakyReLU(negative_slope=0.01)", ""],
  [new nn.LeakyReLU({ negativeSlope: 0.2 }), "LeakyReLU(negative_slope=0.2)", ""],
  [new nn.Linear(2, 3), "Linear(in_features=2, out_features=3, bias=True)", "weight bias"],
  [new nn.Linear(2, 3, { bias: false }), "Linear(in_features=2, out_features=3, bias=False)", "weight"],
  [new nn.LogSoftmax({ dim: 1 }), "LogSoftmax(dim=1)", ""],
  [new nn.MSELoss(), "MSELoss()", ""],
  [new nn.MaxPool2d(2), "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)", ""],
  [
    new nn.MaxPool2d(3, { stride: 2, padding: 1, dilation: 2, ceilMode: true }),
    "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True)",
    "",
  ],
  [
    new nn.MaxPool2d([3, 2]),
    "MaxPool2d(kernel_size=(3, 2), stride=(3, 2), padding=0, dilation=1, ceil_mode=False)",
    "",
  ],
  [new nn.NLLLoss(), "NLLLoss()", ""],
  [new nn.ReLU(), "ReLU()", ""],
  [new nn.SiLU(), "SiLU()", ""],
  [new nn.Sigmoid(), "Sigmoid()", ""],
  [new nn.SmoothL1Loss(), "SmoothL1Loss()", ""],
  [new nn.Softmax({ dim: -1 }), "Softmax(dim=-1)", ""],
  [new nn.Softplus(), "Softplus(beta=1, threshold=20)", ""],
  [new nn.Softplus({ beta: 2, threshold: 10 }), "Softplus(beta=2, threshold=10)", ""],
  [new nn.Tanh(), "Tanh()", ""],
  [new nn.Upsample({ scaleFactor: 2 }), "Upsample(scale_factor=2.0, mode=nearest)", ""],
  [new nn.Upsample({ size: [4, 5], mode: "bilinear" }), "Upsample(size=(4, 5), mode=bilinear)", ""],
  [new nn.CrossEntropyLoss({ weight: ones([3]) }), "CrossEntropyLoss()", "weight"],
  [new nn.NLLLoss({ weight: ones([3]) }), "NLLLoss()", "weight"],
  [
    new nn.BCEWithLogitsLoss({ weight: ones([3]), posWeight: ones([3]) }),
    "BCEWithLogitsLoss()",
    "weight pos_weight",
  ],
];

for (const [module, text, keys] of PRINTED) {
  Deno.test(`PyTorch prints ${text}`, () => {
    assertEquals([String(module), Object.keys(module.stateDict()).join(" ")], [text, keys]);
  });
}

Deno.test("every module of nn is in the table of what is printed", () => {
  const tested = new Set(PRINTED.map(([module]) => module.constructor.name));
  const rest = Object.entries(nn).filter(([, value]) =>
    typeof value === "function" && value.prototype instanceof nn.Module
  ).map(([name]) => name).filter((name) => !tested.has(name));
  assertEquals(rest, ["ModuleList", "Sequential"]); // they print what is in them
});

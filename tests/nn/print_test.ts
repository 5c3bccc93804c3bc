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
  [new nn.Mish(), "Mish()", ""],
  [new nn.Hardswish(), "Hardswish()", ""],
  [new nn.Hardsigmoid(), "Hardsigmoid()", ""],
  [new nn.Hardtanh(), "Hardtanh(min_val=-1.0, max_val=1.0)", ""],
  [new nn.ReLU6(), "ReLU6()", ""],
  [new nn.SELU(), "SELU()", ""],
  [new nn.CELU(0.5), "CELU(alpha=0.5)", ""],
  [new nn.Softsign(), "Softsign()", ""],
  [new nn.PReLU(), "PReLU(num_parameters=1)", "weight"],
  [new nn.PReLU(3), "PReLU(num_parameters=3)", "weight"],
  [new nn.GLU(), "GLU(dim=-1)", ""],
  [new nn.LogSigmoid(), "LogSigmoid()", ""],
  [new nn.Softmin(1), "Softmin(dim=1)", ""],
  [new nn.Threshold(0.1, 20), "Threshold(threshold=0.1, value=20)", ""],
  [new nn.Unflatten(1, [2, 5]), "Unflatten(dim=1, unflattened_size=(2, 5))", ""],
  [new nn.Dropout2d(), "Dropout2d(p=0.5, inplace=False)", ""],
  [new nn.AlphaDropout(0.2), "AlphaDropout(p=0.2, inplace=False)", ""],
  [new nn.ZeroPad2d(1), "ZeroPad2d((1, 1, 1, 1))", ""],
  [new nn.ConstantPad1d(2, 3.5), "ConstantPad1d(padding=(2, 2), value=3.5)", ""],
  [new nn.ConstantPad2d([1, 0, 2, 1], 3.5), "ConstantPad2d(padding=(1, 0, 2, 1), value=3.5)", ""],
  [new nn.ReflectionPad1d(2), "ReflectionPad1d((2, 2))", ""],
  [new nn.ReflectionPad2d([1, 2, 0, 1]), "ReflectionPad2d((1, 2, 0, 1))", ""],
  [new nn.ReplicationPad1d(2), "ReplicationPad1d((2, 2))", ""],
  [new nn.ReplicationPad2d(2), "ReplicationPad2d((2, 2, 2, 2))", ""],
  [new nn.Conv1d(2, 4, 3), "Conv1d(2, 4, kernel_size=(3,), stride=(1,))", "weight bias"],
  [
    new nn.Conv1d(2, 4, 3, { stride: 2, padding: 1, dilation: 2, groups: 2, bias: false }),
    "Conv1d(2, 4, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,), groups=2, bias=False)",
    "weight",
  ],
  [
    new nn.Conv1d(2, 4, 3, { padding: "same" }),
    "Conv1d(2, 4, kernel_size=(3,), stride=(1,), padding=same)",
    "weight bias",
  ],
  [
    new nn.ConvTranspose1d(2, 4, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    "ConvTranspose1d(2, 4, kernel_size=(3,), stride=(2,), padding=(1,), output_padding=(1,))",
    "weight bias",
  ],
  [new nn.MaxPool1d(2), "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)", ""],
  [
    new nn.AvgPool1d(3, { stride: 2, padding: 1 }),
    "AvgPool1d(kernel_size=(3,), stride=(2,), padding=(1,))",
    "",
  ],
  [new nn.AdaptiveMaxPool2d(2), "AdaptiveMaxPool2d(output_size=2)", ""],
  [new nn.AdaptiveMaxPool2d([2, null]), "AdaptiveMaxPool2d(output_size=(2, None))", ""],
  [new nn.MaxUnpool2d(2), "MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))", ""],
  [
    new nn.MaxUnpool2d([3, 2], { stride: 1, padding: 1 }),
    "MaxUnpool2d(kernel_size=(3, 2), stride=(1, 1), padding=(1, 1))",
    "",
  ],
  [new nn.Unfold(2), "Unfold(kernel_size=2, dilation=1, padding=0, stride=1)", ""],
  [
    new nn.Unfold([2, 3], { dilation: 2, padding: 1, stride: 2 }),
    "Unfold(kernel_size=(2, 3), dilation=2, padding=1, stride=2)",
    "",
  ],
  [
    new nn.Fold([4, 5], 2),
    "Fold(output_size=(4, 5), kernel_size=2, dilation=1, padding=0, stride=1)",
    "",
  ],
  [new nn.PixelShuffle(2), "PixelShuffle(upscale_factor=2)", ""],
  [new nn.PixelUnshuffle(3), "PixelUnshuffle(downscale_factor=3)", ""],
  [new nn.LocalResponseNorm(5), "LocalResponseNorm(5, alpha=0.0001, beta=0.75, k=1.0)", ""],
  [
    new nn.InstanceNorm1d(3),
    "InstanceNorm1d(3, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)",
    "",
  ],
  [
    new nn.InstanceNorm2d(3, { affine: true, eps: 1e-3 }),
    "InstanceNorm2d(3, eps=0.001, momentum=0.1, affine=True, track_running_stats=False)",
    "weight bias",
  ],
  [new nn.RMSNorm([2, 3]), "RMSNorm((2, 3), eps=None, elementwise_affine=True)", "weight"], // as 2.4 prints it
  [new nn.CosineSimilarity(), "CosineSimilarity()", ""],
  [new nn.PairwiseDistance(), "PairwiseDistance()", ""],
  [new nn.BCELoss(), "BCELoss()", ""],
  [new nn.BCELoss({ weight: ones([2]) }), "BCELoss()", "weight"],
  [new nn.HuberLoss(), "HuberLoss()", ""],
  [new nn.KLDivLoss(), "KLDivLoss()", ""],
  [new nn.PoissonNLLLoss(), "PoissonNLLLoss()", ""],
  [new nn.TripletMarginLoss(), "TripletMarginLoss()", ""],
  [new nn.CosineEmbeddingLoss(), "CosineEmbeddingLoss()", ""],
  [new nn.MarginRankingLoss(), "MarginRankingLoss()", ""],
  [new nn.MultiLabelSoftMarginLoss(), "MultiLabelSoftMarginLoss()", ""],
  [
    new nn.ParameterList([new nn.Parameter(ones([2, 3]))]),
    "ParameterList(\n  (0): Parameter containing: [torch.float32 of size 2x3]\n)",
    "0",
  ],
  [
    new nn.ParameterDict({ a: new nn.Parameter(ones([2])) }),
    "ParameterDict(\n  (a): Parameter containing: [torch.float32 of size 2]\n)",
    "a",
  ],
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
  // they print what is in them, or what they become (tests/nn/lazy/lazy_test.ts)
  assertEquals(rest.toSorted(), [
    "LazyBatchNorm2d",
    "LazyConv2d",
    "LazyLinear",
    "ModuleDict",
    "ModuleList",
    "Sequential",
  ]);
});

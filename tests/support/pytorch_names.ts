/**
 * The names of PyTorch's documentation, and what is of each here: the name in camelCase, another, or none, and then why.
 *
 * @module
 */
import * as plunge from "../../mod.ts";

/** The sections of the documentation that are counted. */
export type Section = "torch" | "Tensor" | "nn" | "nn.functional" | "optim";

const words = (text: string): string[] => text.trim().split(/\s+/);

/** What has another name here. */
const RENAMED: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ["abs", "absolute"],
    ["acos", "arccos"],
    ["asin", "arcsin"],
    ["atan", "arctan"],
    ["atan2", "arctan2"],
    ["cat", "concat concatenate"],
    ["chunk", "unsafe_chunk"],
    ["data", "numpy"],
    ["div", "divide true_divide"],
    ["expand", "broadcast_to expand_as"],
    ["flatten", "ravel"],
    ["ge", "greater_equal"],
    ["gt", "greater"],
    ["interpolate", "upsample upsample_bilinear upsample_nearest"],
    ["le", "less_equal"],
    ["logSigmoid", "logsigmoid"],
    ["lt", "less"],
    ["matmul", "mm mv dot inner vdot"],
    ["movedim", "moveaxis"],
    ["mul", "multiply"],
    ["ne", "not_equal"],
    ["neg", "negative"],
    ["nonzero", "argwhere"],
    ["outer", "ger"],
    ["randint", "randint_like"],
    ["reshape", "view view_as reshape_as"],
    ["sort", "msort"],
    ["split", "unsafe_split"],
    ["sub", "subtract"],
    ["to", "bool float int type type_as"],
    ["toArray", "tolist"],
    ["transpose", "t T mT swapaxes swapdims"],
    ["trunc", "fix"],
    ["batchNorm2d", "batch_norm"],
    ["encodeSafetensors", "save"],
    ["loadTorch", "load"],
    ["tensor", "as_tensor asarray from_numpy frombuffer new_tensor"],
    ["fullLike", "new_full"],
    ["onesLike", "new_ones"],
    ["zerosLike", "new_zeros"],
    ["shape", "dim ndim ndimension"],
    ["size", "numel nelement"],
    ["Upsample", "UpsamplingBilinear2d UpsamplingNearest2d"],
    ["Softmax", "Softmax2d"],
  ].flatMap(([here, there]) => words(there).map((name) => [name, here])),
);

/** What is left out, and why. */
export const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  "a line of others": words(
    `addbmm addmm addmv addr baddbmm chain_matmul atleast_1d atleast_2d atleast_3d broadcast_tensors
    cartesian_prod column_stack combinations deg2rad rad2deg diagflat diff dsplit dstack fliplr flipud float_power
    floor_divide fmax fmin heaviside hsplit hstack is_nonzero isin isneginf isposinf isreal is_floating_point logit logspace
    xlogy positive range row_stack signbit tensor_split tensordot trace tril_indices triu_indices vsplit vstack
    repeat_interleave unique_consecutive nanmedian nanquantile kthvalue mode dist cdist cov corrcoef block_diag kron vander
    diag_embed diagonal_scatter select_scatter slice_scatter broadcast_shapes take put index_fill masked_scatter sinc
    trapezoid trapz cumulative_trapezoid gradient histogram histogramdd bucketize searchsorted renorm normal sum_to_size
    cummax cummin erfc logaddexp logaddexp2 scatter_reduce index_reduce acosh arccosh asinh arcsinh atanh arctanh poisson
    cross ldexp frexp nextafter narrow_copy hardshrink softshrink tanhshrink rrelu gumbel_softmax pdist bilinear
    Hardshrink Softshrink Tanhshrink RReLU Bilinear Dropout1d dropout1d lp_pool1d lp_pool2d LPPool1d LPPool2d
    adaptive_avg_pool1d adaptive_max_pool1d AdaptiveAvgPool1d AdaptiveMaxPool1d max_unpool1d MaxUnpool1d
    channel_shuffle ChannelShuffle feature_alpha_dropout FeatureAlphaDropout fractional_max_pool2d FractionalMaxPool2d
    gaussian_nll_loss hinge_embedding_loss multi_margin_loss multilabel_margin_loss soft_margin_loss
    triplet_margin_with_distance_loss GaussianNLLLoss HingeEmbeddingLoss MultiMarginLoss MultiLabelMarginLoss
    SoftMarginLoss TripletMarginWithDistanceLoss LazyBatchNorm1d LazyConv1d LazyConvTranspose1d LazyConvTranspose2d
    LazyInstanceNorm1d LazyInstanceNorm2d conv_tbc retains_grad`,
  ),
  "linear algebra beyond products": words(
    `cholesky cholesky_inverse cholesky_solve det geqrf inverse logdet lu lu_solve
    lu_unpack matrix_exp matrix_power orgqr ormqr pca_lowrank pinverse qr slogdet svd svd_lowrank symeig triangular_solve`,
  ),
  "complex numbers, spectra and windows": words(
    `adjoint angle complex conj conj_physical imag is_complex is_conj is_neg polar
    real resolve_conj resolve_neg sgn view_as_complex view_as_real view_as_complex_copy view_as_real_copy stft istft H mH
    bartlett_window blackman_window hamming_window hann_window kaiser_window cdouble cfloat chalf`,
  ),
  "special functions": words(`digamma erfinv i0 igamma igammac lgamma mvlgamma polygamma`),
  "bits and divisors of integers": words(
    `bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
    bitwise_xor gcd lcm`,
  ),
  "sparse and quantised tensors": words(
    `coalesce col_indices col_indices_copy crow_indices crow_indices_copy dense_dim
    dequantize fake_quantize_per_channel_affine fake_quantize_per_tensor_affine hspmm indices indices_copy int_repr
    is_coalesced is_quantized is_sparse is_sparse_csr q_per_channel_axis q_per_channel_scales q_per_channel_zero_points
    q_scale q_zero_point qscheme quantize_per_channel quantize_per_tensor quantize_per_tensor_dynamic
    quantized_batch_norm quantized_max_pool1d quantized_max_pool2d smm sparse_bsc_tensor sparse_bsr_tensor
    sparse_compressed_tensor sparse_coo_tensor sparse_csc_tensor sparse_csr_tensor sparse_dim sparse_mask sspaddmm to_dense
    to_mkldnn to_padded_tensor to_sparse to_sparse_bsc to_sparse_bsr to_sparse_csc to_sparse_csr values values_copy
    SparseAdam`,
  ),
  "memory, devices, types and modes, which are others here": words(
    `Generator align_as align_tensors as_strided
    as_strided_copy as_strided_scatter as_subclass bfloat16 byte can_cast char compiled_with_cxx11_abi contiguous cpu cuda
    data_ptr device double element_size empty empty_like empty_strided get_default_dtype get_device
    get_num_interop_threads get_num_threads grad_fn half has_names initial_seed ipu is_contiguous is_cpu is_cuda
    is_grad_enabled is_inference is_inference_mode_enabled is_ipu is_leaf is_meta is_mps is_pinned is_set_to is_signed
    is_storage is_tensor is_xpu long names new_empty new_empty_strided pin_memory promote_types record_stream result_type
    seed set_default_dtype set_default_tensor_type set_flush_denormal set_grad_enabled set_num_interop_threads
    set_num_threads set_printoptions short storage_offset stride use_deterministic_algorithms xpu`,
  ),
  "copies of what copies anyway": words(
    `alias_copy detach_copy diagonal_copy expand_copy permute_copy select_copy
    slice_copy split_copy split_with_sizes_copy squeeze_copy t_copy transpose_copy unbind_copy unfold_copy unsqueeze_copy
    view_copy`,
  ),
  "sequences: recurrent layers, attention, bags of words": words(
    `AdaptiveLogSoftmaxWithLoss CTCLoss ctc_loss EmbeddingBag
    embedding_bag GRU GRUCell LSTM LSTMCell MultiheadAttention RNN RNNBase RNNCell Transformer TransformerDecoder
    TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer`,
  ),
  "volumes": words(
    `AdaptiveAvgPool3d AdaptiveMaxPool3d AvgPool3d BatchNorm3d ConstantPad3d Conv3d ConvTranspose3d Dropout3d
    FractionalMaxPool3d InstanceNorm3d LazyBatchNorm3d LazyConv3d LazyConvTranspose3d LazyInstanceNorm3d MaxPool3d
    MaxUnpool3d ReflectionPad3d ReplicationPad3d adaptive_avg_pool3d adaptive_max_pool3d avg_pool3d conv3d
    conv_transpose3d dropout3d fractional_max_pool3d max_pool3d max_unpool3d`,
  ),
  "several devices": words(`SyncBatchNorm`),
  "optimisers that evaluate again, or that nobody takes for networks": words(`ASGD LBFGS Rprop`),
};

const camel = (name: string) => name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Whether a section has a name here. */
function isHere(section: Section, name: string): boolean {
  const { nn, optim, Tensor } = plunge as unknown as Record<string, Record<string, unknown>>;
  if (section === "nn") return name in nn;
  if (section === "optim") {
    const last = name.split(".").at(-1)!, places = [optim, optim.lrScheduler, optim.swaUtils] as object[];
    return places.some((place) => last in place || camel(last) in place);
  }
  const all = { ...plunge } as Record<string, unknown>,
    prototype = (Tensor as unknown as { prototype: object }).prototype;
  return section === "Tensor" ? name in prototype || ["shape", "dtype", "size"].includes(name) : name in all;
}

/** What of a name of PyTorch's there is here: "here", the reason why not, or nothing that is known. */
export function standingOf(section: Section, name: string): string | undefined {
  if (isHere(section, camel(name))) return "here";
  const other = RENAMED[name];
  if (
    other !== undefined && (["torch", "Tensor", "nn", "nn.functional"] as const).some((s) => isHere(s, other))
  ) {
    return "here";
  }
  return Object.keys(LEFT_OUT).find((reason) => LEFT_OUT[reason].includes(name));
}

/** The names of each section. */
export const NAMES: Readonly<Record<Section, readonly string[]>> = JSON.parse(
  await Deno.readTextFile(new URL("../fixtures/torch/names.json", import.meta.url)),
);

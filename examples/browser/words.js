/**
 * The page's words in its languages, and what to do where there is no WebGPU.
 *
 * @module
 */

const WORDS = {
  en: {
    title: "LeNet, trained in this page",
    opening: "looking for the GPU …",
    network: "network",
    "relu-max": "LeNet with ReLU and max pooling",
    "batch-norm": "LeNet with batch normalization",
    lenet: "LeNet (sigmoid, average pooling)",
    "lenet-max": "LeNet with max pooling",
    seed: "seed",
    rate: "learning rate",
    images: "training images",
    train: "Train",
    again: "Train anew",
    pause: "Pause",
    resume: "Go on",
    loss: "Loss of each step",
    step: "step",
    epoch: "epoch",
    lossNow: "loss",
    speed: "examples/s",
    accuracy: "test accuracy",
    filters: "What the first layer looks for (6 filters of 5 × 5)",
    maps: "What it finds in two garments",
    draw: "Draw a garment, or drop a picture",
    clear: "Clear",
    file: "Choose a picture",
    drawNote:
      "White on black, as Fashion-MNIST has them; a light background is inverted. The network answers with what it has learned so far.",
    here: "this page",
    torch: "PyTorch",
    deno: "Deno",
    software: "computes on the processor, not on a graphics card",
    dataLoading: "loading Fashion-MNIST …",
    ready: "ready",
    compiling: "compiling",
    training: "training",
    paused: "paused",
    untrained: "Train first: there is no network to ask.",
    apart: (torch, deno, n) =>
      `After ${n} steps with the same seed and weights, the losses lie at most ${torch} from PyTorch's and ${deno} from Deno's.`,
    other: (seed, images) =>
      `PyTorch's and Deno's losses are known for seed ${seed}, the first ${images} images and the network's own rate.`,
    noData:
      "The images were not found beside the page. Drop the four files of Fashion-MNIST here (train-images-idx3-ubyte.gz and so on), or serve them in data/.",
    failed: "It did not work:",
    advice: {
      insecure: "Browsers give WebGPU to pages of https: and of localhost alone: open this page so.",
      chrome:
        "Chrome and Edge have WebGPU from 113 on (Android: 121): update, and turn on “Use graphics acceleration” in the settings. On Linux it may take chrome://flags/#enable-unsafe-webgpu.",
      firefox:
        "Firefox has WebGPU on Windows from 141 on, on macOS from 145 on: update. Elsewhere set dom.webgpu.enabled in about:config, or take Chrome.",
      safari:
        "Safari has WebGPU from version 26 on (iOS 26, macOS 26): update the system, or take Chrome on a Mac.",
      other: "Take a browser with WebGPU: Chrome or Edge from 113 on, Safari from 26, Firefox from 141.",
    },
  },
  zh: {
    title: "在网页里训练 LeNet",
    opening: "正在查找 GPU……",
    network: "网络",
    "relu-max": "LeNet（ReLU，最大汇聚）",
    "batch-norm": "LeNet（批量规范化）",
    lenet: "LeNet（sigmoid，平均汇聚）",
    "lenet-max": "LeNet（最大汇聚）",
    seed: "随机种子",
    rate: "学习率",
    images: "训练图像",
    train: "开始训练",
    again: "重新训练",
    pause: "暂停",
    resume: "继续",
    loss: "每一步的损失",
    step: "步",
    epoch: "轮",
    lossNow: "损失",
    speed: "样本/秒",
    accuracy: "测试精度",
    filters: "第一层在找什么（6 个 5 × 5 卷积核）",
    maps: "它在两件衣物中找到了什么",
    draw: "画一件衣物，或拖入一张图片",
    clear: "清空",
    file: "选择图片",
    drawNote: "黑底白图，与 Fashion-MNIST 相同；浅色背景会被反相。网络按目前学到的内容作答。",
    here: "本页",
    torch: "PyTorch",
    deno: "Deno",
    software: "由处理器计算，而非显卡",
    dataLoading: "正在载入 Fashion-MNIST……",
    ready: "就绪",
    compiling: "正在编译",
    training: "训练中",
    paused: "已暂停",
    untrained: "请先训练：还没有可以提问的网络。",
    apart: (torch, deno, n) =>
      `种子与初始权重相同，${n} 步之后：与 PyTorch 的损失最多相差 ${torch}，与 Deno 最多相差 ${deno}。`,
    other: (seed, images) =>
      `PyTorch 与 Deno 的损失只在种子 ${seed}、前 ${images} 张图像和默认学习率下可比。`,
    noData:
      "页面旁没有找到数据。请把 Fashion-MNIST 的四个文件拖到这里（train-images-idx3-ubyte.gz 等），或放在 data/ 中。",
    failed: "出错了：",
    advice: {
      insecure: "浏览器只对 https: 和 localhost 的页面提供 WebGPU：请这样打开本页。",
      chrome:
        "Chrome 和 Edge 从 113 版起支持 WebGPU（安卓为 121）：请更新，并在设置中打开“使用图形加速”。在 Linux 上可能需要 chrome://flags/#enable-unsafe-webgpu。",
      firefox:
        "Firefox 在 Windows 上从 141 版、在 macOS 上从 145 版起支持 WebGPU：请更新。其他系统请在 about:config 中打开 dom.webgpu.enabled，或改用 Chrome。",
      safari: "Safari 从 26 版起支持 WebGPU（iOS 26、macOS 26）：请更新系统，或在 Mac 上改用 Chrome。",
      other: "请使用支持 WebGPU 的浏览器：Chrome 或 Edge 113、Safari 26、Firefox 141 及以上。",
    },
  },
};

let language = navigator.language.startsWith("zh") ? "zh" : "en";

/** A word in the page's language. */
export const word = (name) => WORDS[language][name] ?? name;

/** Changes the language to the other one. */
export function changeLanguage() {
  language = language === "zh" ? "en" : "zh";
}

/** Puts the words into the page. */
export function showWords() {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = `Plunge: ${word("title")}`;
  document.querySelector("#language").textContent = language === "zh" ? "English" : "中文";
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
}

/** What to do where this browser gives no WebGPU. */
export function advice(agent = navigator.userAgent, isSecure = globalThis.isSecureContext) {
  const texts = word("advice");
  if (!isSecure) return texts.insecure;
  if (/Firefox\//.test(agent)) return texts.firefox;
  if (/Chrom(e|ium)\/|CriOS\/|Edg/.test(agent)) return texts.chrome;
  if (/Safari\//.test(agent)) return texts.safari;
  return texts.other;
}

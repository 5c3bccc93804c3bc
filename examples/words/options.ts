/**
 * What `--help` says of the scripts and their options.
 *
 * @module
 */
import { translations } from "./_translations.ts";

/** The sentences, and what they are in Chinese. */
export const OPTIONS = translations({
  // what the scripts do
  "Trains LeNet on Fashion-MNIST.": "在 Fashion-MNIST 上训练 LeNet。",
  "Trains LeNet with average and with max pooling on Fashion-MNIST.":
    "在 Fashion-MNIST 上训练用平均汇聚和用最大汇聚的 LeNet。",
  "Trains more complex LeNets on Fashion-MNIST, and LeNet at two learning rates.":
    "在 Fashion-MNIST 上训练更复杂的 LeNet，并用两个学习率训练 LeNet。",
  "Trains the improved LeNet on MNIST.": "在 MNIST 上训练改进的 LeNet。",
  "Shows what LeNet's first and second layer answer to different inputs.":
    "显示 LeNet 第一层和第二层对不同输入的响应。",
  "Trains a small residual network on Fashion-MNIST.": "在 Fashion-MNIST 上训练一个小的残差网络。",
  "Compares training runs: their curves, what they cost, how they ended.": "比较各次训练：曲线、代价和结果。",
  "Classifies PNG and JPEG files by a trained network of the study.":
    "用研究中训练好的网络给 PNG 和 JPEG 文件分类。",
  "Serves a page that trains LeNet in the browser, from the sources.":
    "从源代码提供一个在浏览器中训练 LeNet 的网页。",
  "folder to look for the images in first": "首先查找图像的文件夹",
  "Serves a trained network of the study: pictures are posted, classes come back.":
    "把研究中训练好的网络作为服务：发来图片，返回类别。",

  "Shows runs in a browser, side by side, also while they are written.":
    "在浏览器中并排显示各次运行，正在写入的也可以。",

  // options that many have
  "show this": "显示此帮助",
  "print lines only, and redraw nothing, as in a pipe": "只输出文本行，不重绘，如同在管道中",
  "language, by default the locale's": "语言，默认随系统区域设置",
  "images in a step": "每步的图像数",
  "seed of weights and order": "权重和次序的随机种子",
  "use only the first N images of each split": "训练集和测试集都只用前 N 张图像",
  "folder of the data set, which must be there": "数据集所在的文件夹，必须存在",
  "folder for the metrics and curves of each network, and their comparison":
    "存放各网络的指标、曲线及其比较的文件夹",
  "folder for the metrics, the curves, the checkpoints and the weights":
    "存放指标、曲线、检查点和权重的文件夹",
  "replace earlier runs there; without it they are kept in .earlier-1, -2, …":
    "替换那里先前的运行；否则保存在 .earlier-1、-2、… 中",
  "save within epochs too: every N steps, or with 60s every 60 seconds":
    "在一轮之中也保存：每 N 步，或如 60s 表示每 60 秒",
  "go on with the run in --out, from its newest checkpoint": "从最新的检查点继续 --out 中的运行",
  "show the run in a browser: a page on this port, 8000 unless given":
    "在浏览器中显示运行：在此端口上的网页，默认 8000",
  "the page's address; another than this needs --allow-net": "网页的地址；用别的地址需要 --allow-net",
  "write TensorBoard's files too, beside metrics.jsonl": "在 metrics.jsonl 旁也写 TensorBoard 的文件",
  "train on where a loss is NaN or infinite, instead of a report and the end":
    "损失为 NaN 或无穷大时继续训练，而不是报告并结束",
  "passes over the training images": "遍历训练图像的轮数",
  "learning rate": "学习率",

  // options of single scripts
  "of the exercise; all unless given": "练习的部分；不给出则为全部",
  "epochs, instead of 10 and in part 6 of 20": "轮数，代替 10，以及第 6 部分的 20",
  "learning rate of parts 1 to 5": "第 1 至 5 部分的学习率",
  "what to train on": "用什么训练",
  "two classes to show and compare, by name or number": "要显示并比较的两个类别，用名称或编号",
  "how many images of each class are shown": "每个类别显示几张图像",
  "show these test images instead, such as 2,17": "改为显示这些测试图像，如 2,17",
  "show these PNG files instead, bright things on black, such as a.png,b.png":
    "改为显示这些 PNG 文件（黑底亮物），如 a.png,b.png",
  "LeNet's weights (.safetensors, .pt), else LeNet is trained":
    "LeNet 的权重（.safetensors、.pt），否则先训练 LeNet",
  "folder for the pictures, the channels' numbers, and the weights if they are trained":
    "存放图片、各通道的数值以及训练所得权重的文件夹",
  "SGD has momentum 0.9 and weight decay": "SGD 带 0.9 的动量和权重衰减",
  "network and the options' defaults: for minutes, or for the best accuracy in hours":
    "网络和各选项的默认值：几分钟的，或几小时得到最高准确率的",
  "learning rate, instead of 0.01 for Adam and 0.1 for SGD (0.2 with the best preset)":
    "学习率，代替 Adam 的 0.01 和 SGD 的 0.1（best 预设为 0.2）",
  "how it goes on, step by step": "学习率逐步的变化方式",
  "changes of the training images": "对训练图像的变换",
  "train LeNet too, also with ReLU and max pooling, and compare":
    "也训练 LeNet，以及用 ReLU 和最大汇聚的 LeNet，并作比较",
  "their passes over the training images": "它们遍历训练图像的轮数",
  "the folder of a run, or its metrics.jsonl": "一次运行的文件夹，或其 metrics.jsonl",
  "what stands above the chart": "图表的标题",
  "folder for comparison.svg and comparison.png, which replace older ones":
    "存放 comparison.svg 和 comparison.png 的文件夹，旧的会被替换",
  "the files": "要分类的文件",
  "weights or a checkpoint (.safetensors), or PyTorch's (.pt, .pth)":
    "权重或检查点（.safetensors），或 PyTorch 的（.pt、.pth）",
  "whose weights they are, where the run does not say": "权重属于哪个网络，在运行未说明时",
  "whose classes they are, where the run does not say": "类别属于哪个数据集，在运行未说明时",
  "the part of PyTorch's file that has them, such as model": "PyTorch 文件中含有权重的部分，如 model",
  "how many classes are shown": "显示几个类别",
  "whether pictures are inverted: auto where dark on light": "图片是否反相：auto 表示浅底深色时反相",
  "print JSON": "输出 JSON",
  "where it listens; 0 for any that is free": "监听的端口；0 表示任一空闲端口",
  "the address; another than this needs --allow-net": "地址；用别的地址需要 --allow-net",
  "where the page is; 0 for 8000, or any that is free": "网页的端口；0 表示 8000 或任一空闲端口",
  "the most pictures in a batch": "一批最多的图片数",
  "milliseconds that a batch is waited for": "等待凑成一批的毫秒数",
});

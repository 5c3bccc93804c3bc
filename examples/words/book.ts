/**
 * What the book's networks say, and what `--help` says of them.
 *
 * @module
 */
import { translations } from "./_translations.ts";

/** The sentences, and what they are in Chinese. */
export const BOOK = translations({
  // what the scripts do
  "Computes convolutions by loops and by the library, and finds edges with them.":
    "分别用循环和本库计算卷积，并用卷积寻找边缘。",
  "Learns the kernel that finds vertical edges from what it is to find.":
    "从期望的输出学习寻找竖直边缘的卷积核。",
  "Trains AlexNet on Fashion-MNIST.": "在 Fashion-MNIST 上训练 AlexNet。",
  "Trains VGG-11 on Fashion-MNIST.": "在 Fashion-MNIST 上训练 VGG-11。",
  "Trains a network in networks (NiN) on Fashion-MNIST.": "在 Fashion-MNIST 上训练网络中的网络（NiN）。",
  "Trains GoogLeNet on Fashion-MNIST.": "在 Fashion-MNIST 上训练 GoogLeNet。",
  "Trains LeNet with batch normalisation from scratch on Fashion-MNIST.":
    "在 Fashion-MNIST 上训练 LeNet，批量规范化从零实现。",
  "Trains ResNet-18 on Fashion-MNIST.": "在 Fashion-MNIST 上训练 ResNet-18。",
  "Trains DenseNet on Fashion-MNIST.": "在 Fashion-MNIST 上训练 DenseNet。",

  // options
  "channels, as a share of the book's": "通道数，按与书中之比",
  "height and width that images are brought to": "图像缩放到的高和宽",
  "steps of gradient descent": "梯度下降的步数",
  "the image whose edges are found": "要寻找其边缘的图像",

  // what they print
  "{n} parameters": "{n} 个参数",
  "epoch {n}, step {step} of {steps}": "第 {n} 轮，第 {step}/{steps} 步",
  "by loops: {loops} ms, by conv2d: {conv} ms; the largest difference is {difference}":
    "循环：{loops} 毫秒，conv2d：{conv} 毫秒；最大相差 {difference}",
  "image": "图像",
  "vertical edges": "竖直边缘",
  "horizontal edges": "水平边缘",
  "step {step}: loss {loss}": "第 {step} 步：损失 {loss}",
  "the kernel that was learnt: {kernel}": "学到的卷积核：{kernel}",
});

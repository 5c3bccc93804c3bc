/**
 * What the study's scripts say of what they do and of what came out, and the names of networks, titles and classes.
 *
 * @module
 */
import { translations } from "./_translations.ts";

/** The sentences, and what they are in Chinese. */
export const STUDY = translations({
  // names of networks, and titles
  "average pooling": "平均汇聚",
  "max pooling": "最大汇聚",
  "1 window size": "1 窗口大小",
  "2 channels": "2 通道数",
  "3 activation": "3 激活函数",
  "4 convolutions": "4 卷积层",
  "5 linear layers": "5 全连接层",
  "6 lr 0.001": "6 学习率 0.001",
  "6 lr 0.9": "6 学习率 0.9",
  "improved LeNet": "改进的 LeNet",
  "residual network": "残差网络",
  "residual network of 20 layers": "20 层的残差网络",
  "LeNet with ReLU and max pooling": "用 ReLU 和最大汇聚的 LeNet",
  "LeNet with average and with max pooling": "LeNet：平均汇聚与最大汇聚",
  "LeNet tuned": "调整 LeNet",
  "improved LeNet on mnist": "改进的 LeNet，MNIST",
  "improved LeNet on fashion-mnist": "改进的 LeNet，Fashion-MNIST",
  "Residual network": "残差网络",
  "runs compared": "各次运行的比较",

  // classes
  "T-shirt/top": "T恤/上衣",
  "Trouser": "裤子",
  "Pullover": "套头衫",
  "Dress": "连衣裙",
  "Coat": "外套",
  "Sandal": "凉鞋",
  "Shirt": "衬衫",
  "Sneaker": "运动鞋",
  "Bag": "包",
  "Ankle boot": "短靴",
  "class": "类别",
  "probability": "概率",

  // before training
  "{layer} output shape: [{shape}]": "{layer} 输出形状：[{shape}]",
  "part {name}": "部分 {name}",
  "{name}: measuring a few steps…": "{name}：正在测几步的时间…",
  "{name}: {ms} ms a step, about {time} for 1 epoch": "{name}：每步 {ms} 毫秒，1 轮约 {time}",
  "{name}: {ms} ms a step, about {time} for {epochs} epochs": "{name}：每步 {ms} 毫秒，{epochs} 轮约 {time}",
  "about {time} in all; --epochs N and --limit N shorten it":
    "总共约 {time}；用 --epochs N 和 --limit N 可以缩短",
  "{name}, by SGD with learning rate {lr}": "{name}，用 SGD，学习率 {lr}",

  // exercise 1
  "Both have the same parameters, and began with the same weights and the same order of images: what differs is what a window of four hands on.":
    "两者参数相同，起始权重和图像次序也相同：不同的是四个像素的窗口传下去的东西。",
  "Average pooling hands on their mean, and spreads the gradient evenly over all four: it blurs.":
    "平均汇聚传下去的是平均值，梯度平均分给四个像素：它使图像模糊。",
  "Max pooling hands on the strongest response, wherever in the window it is, and only that one learns.":
    "最大汇聚传下去的是最强的响应，不论它在窗口何处，并且只有它在学习。",
  "Neither has learned anything here, so that nothing can be compared: more epochs, or another learning rate, may help.":
    "这里两者都没有学到什么，无从比较：增加轮数或换一个学习率也许有用。",
  "But the one with average pooling has not learned anything here, so that nothing can be compared: more epochs, or another learning rate, may help.":
    "但这里用平均汇聚的网络没有学到什么，无从比较：增加轮数或换一个学习率也许有用。",
  "But the one with max pooling has not learned anything here, so that nothing can be compared: more epochs, or another learning rate, may help.":
    "但这里用最大汇聚的网络没有学到什么，无从比较：增加轮数或换一个学习率也许有用。",
  "Here max pooling made no difference to the test accuracy.": "这里最大汇聚没有改变测试准确率。",
  "Here max pooling made {size} points of test accuracy more. Another seed may differ by as much as a point or two.":
    "这里最大汇聚使测试准确率提高了 {size} 个百分点。换一个种子可能有一两个百分点的出入。",
  "Here max pooling made {size} points of test accuracy less. Another seed may differ by as much as a point or two.":
    "这里最大汇聚使测试准确率降低了 {size} 个百分点。换一个种子可能有一两个百分点的出入。",

  // exercise 2
  "At learning rate 0.001 LeNet learns: {end}.": "学习率为 0.001 时 LeNet 在学习：{end}。",
  "At learning rate 0.001 LeNet barely learns: {end}, where guessing gives 2.303 and 0.100.":
    "学习率为 0.001 时 LeNet 几乎不学习：{end}，而瞎猜是 2.303 和 0.100。",
  "At 0.9 it learns: {end}.": "为 0.9 时它在学习：{end}。",
  "At 0.9 it barely learns: {end}, where guessing gives 2.303 and 0.100.":
    "为 0.9 时它几乎不学习：{end}，而瞎猜是 2.303 和 0.100。",
  "Each of its sigmoids passes on a quarter of a gradient at most, so that it needs large steps.":
    "它的每个 sigmoid 最多传回四分之一的梯度，所以需要大的步长。",

  // exercise 3
  "epoch {n}: train loss {loss}, train accuracy {train}, test accuracy {test}":
    "第 {n} 轮:训练损失 {loss},训练准确率 {train},测试准确率 {test}",
  "training is done": "训练完成",

  // exercise 4
  "input": "输入",
  "LeNet, layer {n}": "LeNet，第 {n} 层",
  "layer {n}, every channel": "第 {n} 层，所有通道",
  "layer {n}, every channel: {path}": "第 {n} 层，所有通道：{path}",
  "layer {n} of 16 test images: [{shape}]": "第 {n} 层，16 张测试图像：[{shape}]",
  "channel {n}": "通道 {n}",
  "channel {n}: {value}": "通道 {n}：{value}",
  "test image {n}": "测试图像 {n}",
  "lowest": "最低值",
  "highest value": "最高值",
  "the colours of a channel have one scale over all rows": "每个通道的颜色在各行中用同一尺度",
  "below its number: {meaning}": "编号下方：{meaning}",
  "each channel from its lowest to its highest value": "每个通道从最低值到最高值",
  "mean of {a} − mean of {b}, in standard deviations": "{a}的均值 − {b}的均值，以标准差计",
  "the picture − mean of {n} test images, in standard deviations":
    "该图片 − {n} 张测试图像的均值，以标准差计",
  "mean of the {pictures} pictures − mean of {n} test images, in standard deviations":
    "{pictures} 张图片的均值 − {n} 张测试图像的均值，以标准差计",
  "channels that hold what is shown furthest from other images, by {meaning}:":
    "把所示图像与其他图像分得最开的通道，按{meaning}：",
  "channels that hold {a} and {b} furthest apart, by {meaning}:": "把{a}和{b}分得最开的通道，按{meaning}：",

  // the closing part
  "test acc {acc} where each image is seen with its mirror image":
    "每张图像连同其镜像一起看时，测试准确率 {acc}",
  "residual network: test acc {acc} after {s} s; 90 % was reached in epoch {n}, {at} s":
    "残差网络：{s} 秒后测试准确率 {acc}；第 {n} 轮达到 90 %，用时 {at} 秒",
  "residual network: test acc {acc} after {s} s; 90 % was not reached":
    "残差网络：{s} 秒后测试准确率 {acc}；没有达到 90 %",
  "{name}, after 1 epoch and {s} s: as good": "{name}，1 轮、{s} 秒后：一样好",
  "{name}, after {n} epochs and {s} s: as good": "{name}，{n} 轮、{s} 秒后：一样好",
  "{name}, after 1 epoch and {s} s: {size} points better": "{name}，1 轮、{s} 秒后：高 {size} 个百分点",
  "{name}, after {n} epochs and {s} s: {size} points better": "{name}，{n} 轮、{s} 秒后：高 {size} 个百分点",
  "{name}, after 1 epoch and {s} s: {size} points worse": "{name}，1 轮、{s} 秒后：低 {size} 个百分点",
  "{name}, after {n} epochs and {s} s: {size} points worse": "{name}，{n} 轮、{s} 秒后：低 {size} 个百分点",

  // using a network
  "{network}, {dataset}, on {device}": "{network}，{dataset}，在 {device} 上",
  "the weights could also be of {others}: --network says which":
    "这些权重也可能属于 {others}：用 --network 指明",
  "{path} ({width} x {height})": "{path}（{width} x {height}）",
  "{path} ({width} x {height}, dark on light: inverted)": "{path}（{width} x {height}，浅底深色：已反相）",
  "{network} on {dataset}, by {device}: {url} (Ctrl-C ends it)":
    "{network}，{dataset}，由 {device} 计算：{url}（按 Ctrl-C 结束）",
});

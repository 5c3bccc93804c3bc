/**
 * What is said of a training: its progress, its curves and its tables, how it is kept, and how it ends.
 *
 * @module
 */
import { translations } from "./_translations.ts";

/** The sentences, and what they are in Chinese. */
export const TRAINING = translations({
  // progress
  "training on {device}": "在 {device} 上训练",
  "epoch {n}/{epochs}": "第 {n}/{epochs} 轮",
  "compiling kernels…": "正在编译内核…",
  "{n} examples/s": "{n} 样本/秒",
  "{time} left": "剩余 {time}",
  "{n} examples/sec on {device}": "{device}：{n} 样本/秒",
  "loss {loss}, train acc {train}, test acc {test}": "损失 {loss}，训练准确率 {train}，测试准确率 {test}",
  "{metrics}, {seconds} s": "{metrics}，{seconds} 秒",
  "epoch {n}/{epochs}: {what}": "第 {n}/{epochs} 轮：{what}",
  "epoch {n}/{epochs}: loss {loss}, test acc {test}": "第 {n}/{epochs} 轮：损失 {loss}，测试准确率 {test}",
  "from epoch {n} on the loss is no number": "从第 {n} 轮起损失不是数",
  "from epoch {n} on the loss is no number, and null in metrics.jsonl":
    "从第 {n} 轮起损失不是数，metrics.jsonl 中记为 null",
  "the loss is no number any more: a lower learning rate than {lr} may help":
    "损失已不是数：把学习率降到 {lr} 以下也许有用",

  // the page, and the dashboard
  "1 run: {url} (Ctrl-C ends it)": "1 次运行：{url}（按 Ctrl-C 结束）",
  "{n} runs: {url} (Ctrl-C ends it)": "{n} 次运行：{url}（按 Ctrl-C 结束）",
  "the run as a page: {url}": "网页：{url}",
  "{network}, {parameters} parameters, on {device}": "{network}，{parameters} 个参数，在 {device} 上",
  "q stop": "q 停止",
  "s save": "s 保存",
  "learning rate {lr}": "学习率 {lr}",
  "{time} left in all": "总共剩余 {time}",
  "examples/s": "样本/秒",
  "stopping…": "正在停止…",
  "saving…": "正在保存…",
  "saved {file}": "已保存 {file}",
  "without --out nothing is saved": "没有 --out，无处保存",
  "× {factor} from the next step on": "从下一步起 × {factor}",

  // curves and tables
  "epoch": "轮次",
  "loss": "损失",
  "loss, accuracy": "损失，准确率",
  "{y} by {x}": "{y}（横轴：{x}）",
  "train loss": "训练损失",
  "train acc": "训练准确率",
  "test acc": "测试准确率",
  "test accuracy": "测试准确率",
  "network": "网络",
  "parameters": "参数",
  "mult-adds": "乘加",
  "epochs": "轮数",
  "time": "用时",
  "learning rate": "学习率",
  "Layer (type (name): depth-index)": "层（类型（名称）：深度-序号）",
  "Output shape": "输出形状",
  "Parameters": "参数",
  "Mult-adds": "乘加",
  "Bytes": "字节",
  "Total parameters:": "参数总数：",
  "Trainable parameters:": "可训练的参数：",
  "Non-trainable parameters:": "不训练的参数：",
  "Total mult-adds:": "乘加总数：",
  "Input size:": "输入大小：",
  "Forward/backward pass size:": "前向与反向的大小：",
  "Parameters size:": "参数大小：",
  "Estimated total size:": "估计总大小：",
  "loading what draws pictures…": "正在加载绘图组件…",
  "warning: no pictures are drawn. {reason}": "警告：不画图片。{reason}",
  "curves of all: {svg}, and .png": "全部曲线：{svg}，以及 .png",
  "no Chinese font was found on this machine: the words in pictures are English":
    "本机没有找到中文字体：图片中的文字用英文",

  // keeping a run
  "the earlier run of {folder} is kept in {aside}": "{folder} 中先前的运行保存在 {aside}",
  "going on from {file}": "从 {file} 继续",
  "saved {file}; to go on: {command}": "已保存 {file}；继续运行：{command}",
  "stopped after step {step} of epoch {n}; without --out nothing of the run is kept":
    "在第 {n} 轮第 {step} 步后停止；没有 --out，运行不保存",
  "stopped after epoch {n}; without --out nothing of the run is kept":
    "在第 {n} 轮后停止；没有 --out，运行不保存",
  "learning rate {from} → {lr}, from epoch {n}, step {step} on":
    "学习率 {from} → {lr}，从第 {n} 轮第 {step} 步起",
  "the learning rate stays {lr}: no factor leads from there": "学习率仍为 {lr}：没有倍数可以改变它",
  "finishing the step": "完成这一步",
  "finishing the step, then saving; a second Ctrl-C ends at once":
    "完成这一步后保存；再按一次 Ctrl-C 立即结束",
  "{problem}; going on with the run on a fresh device": "{problem}；在新的设备上继续运行",
  "{root} has no {name} {split} files: those of {source} are used":
    "{root} 中没有 {name} 的 {split} 文件：改用 {source} 中的",
});

import { assertEquals } from "@std/assert";
import { narrowTable, tableLines } from "../../../examples/terminal/table.ts";

const header = ["network", "parameters", "loss"];
const rows = [["LeNet with ReLU and max pooling", "61,706", "0.254"], ["第二个网络", "42,938", "0.206"]];

Deno.test("tableLines() leaves columns out where there is no room, then shortens names", () => {
  assertEquals(
    tableLines(header, rows, { columns: 50, optional: ["parameters"] })[2],
    [
      "LeNet with ReLU and max pooling      61,706  0.254",
    ][0],
  );
  assertEquals(tableLines(header, rows, { columns: 49, optional: ["parameters"] }), [
    "network                           loss",
    "--------------------------------------",
    "LeNet with ReLU and max pooling  0.254",
    "第二个网络                       0.206",
  ]);
  assertEquals(tableLines(header, rows, { columns: 24, optional: ["parameters"] }), [
    "network             loss",
    "------------------------",
    "LeNet with ReLU …  0.254",
    "第二个网络         0.206",
  ]);
});

Deno.test("narrowTable() leaves out the last columns", () => {
  const text = "====================\nLayer  Shape   Bytes\nReLU   [1, 2]     12\nTotal: 12";
  assertEquals(narrowTable(text, 20), text.split("\n"));
  assertEquals(narrowTable(text, 19), ["=============", "Layer  Shape", "ReLU   [1, 2]", "Total: 12"]);
  assertEquals(narrowTable(text, 11), ["=====", "Layer", "ReLU", "Total: 12"]);
});

Deno.test("narrowTable() counts columns, two for a Chinese character", () => {
  const text = "===================\n层     形状    参数\nReLU   [1, 2]     8\n===================";
  assertEquals(narrowTable(text, 18), ["=============", "层     形状", "ReLU   [1, 2]", "============="]);
});

Deno.test("tableLines() is as wide in ASCII as it says", () => {
  const rows = [["a network with a long name", "1"], ["LeNet", "2"]];
  assertEquals(tableLines(["network", "n"], rows, { columns: 18, ellipsis: "..." }), [
    "network          n",
    "------------------",
    "a network wi...  1",
    "LeNet            2",
  ]);
});

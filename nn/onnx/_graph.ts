/**
 * An ONNX graph that is being built: nodes, values and constants by their names.
 *
 * The format is described at https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3; numbers of fields are from there.
 *
 * @module
 */
import { sizeOf } from "../../ops/core/shape.ts";
import type { DType } from "../../ops/kernels/wgsl/dtype.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Message } from "../../ops/core/protobuf.ts";

/** The element types' numbers in ONNX. */
export const ELEMENT_TYPES: Readonly<Record<DType | "int64", number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
};

/** An attribute of a node: a whole number, several, a float or a text. */
export type Attribute = number | readonly number[] | { readonly float: number } | string;

/** A constant: a tensor of ours, or numbers. */
interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: DType | "int64";
  /** Its bytes; a tensor's are read when all are known. */
  readonly from: Tensor | Uint8Array;
}

/** A node or a constant of the graph's own, by which it is compared with another. */
export interface Step {
  /** What it is made for. */
  readonly of: string;
  readonly bytes: Uint8Array;
}

/** Bytes that a file of ONNX may have, as Protocol Buffers count them in 31 bits. */
const MOST_BYTES = 2 ** 31 - 1;

/** The nodes and constants of a graph. */
export class Graph {
  readonly #nodes: Message[] = [];
  readonly #steps: Step[] = [];
  readonly #constants = new Map<string, Constant>();
  readonly #values: Map<Tensor, string>;
  readonly #nameOf: (t: Tensor) => string;
  readonly #counts = new Map<string, number>();

  /**
   * @param values The tensors that have names already.
   * @param nameOf Gives the name of a tensor that is constant, or refuses it.
   */
  constructor(values: Map<Tensor, string>, nameOf: (t: Tensor) => string) {
    this.#values = values;
    this.#nameOf = nameOf;
  }

  /** What nodes are made for at present. */
  current = "";

  /** The nodes and constants in their order. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** Makes a name that is there once. */
  #fresh(base: string): string {
    const count = (this.#counts.get(base) ?? 0) + 1;
    this.#counts.set(base, count);
    return `${base}_${count}`;
  }

  /** Adds a node of one output, and returns the output's name. */
  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const output = this.#fresh(type.toLowerCase());
    this.#add(type, inputs, output, attributes);
    return output;
  }

  /** Gives a value another name. */
  identity(input: string, output: string): void {
    this.#add("Identity", [input], output, {});
  }

  #add(
    type: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    const node = new Message().add(1, ...inputs).add(2, output).add(3, `node_${output}`).add(4, type);
    for (const [name, value] of Object.entries(attributes)) node.add(5, attribute(name, value));
    this.#nodes.push(node);
    this.#steps.push({ of: this.current, bytes: node.bytes() });
  }

  /** A constant of whole numbers, as shapes and axes are. */
  int64(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant("int64", shape, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /** A constant that is a number of a type. */
  scalar(value: number, dtype: DType = "float32"): string {
    const bytes = dtype === "float32"
      ? new Uint8Array(Float32Array.of(value).buffer)
      : dtype === "int32"
      ? new Uint8Array(Int32Array.of(value).buffer)
      : Uint8Array.of(value ? 1 : 0);
    return this.#constant(dtype, [], bytes);
  }

  /** A constant of equal numbers. */
  filled(value: number, shape: readonly number[]): string {
    return this.#constant(
      "float32",
      shape,
      new Uint8Array(new Float32Array(sizeOf(shape)).fill(value).buffer),
    );
  }

  #constant(type: DType | "int64", shape: readonly number[], from: Uint8Array): string {
    const name = this.#fresh("constant");
    this.#constants.set(name, { name, shape, type, from });
    this.#steps.push({ of: this.current, bytes: from });
    return name;
  }

  /** The name of a tensor's value, or of a number as a constant; converted to a type where it has another. */
  value(of: Tensor | number, dtype?: DType): string {
    if (typeof of === "number") return this.scalar(of, dtype);
    let name = this.#values.get(of);
    if (name === undefined) {
      name = this.#nameOf(of);
      this.#values.set(of, name);
      this.#constants.set(name, { name, shape: of.shape, type: of.dtype, from: of });
    }
    return dtype && of.dtype !== dtype ? this.node("Cast", [name], { to: ELEMENT_TYPES[dtype] }) : name;
  }

  /** Says which name the value of a tensor has. */
  name(t: Tensor, name: string): void {
    this.#values.set(t, name);
  }

  /** Adds nodes and constants to a message of a graph. Reads the constants' values together. */
  async writeTo(graph: Message): Promise<void> {
    graph.add(1, ...this.#nodes);
    const constants = [...this.#constants.values()];
    const values = await Promise.all(
      constants.map(({ from }) => from instanceof Tensor ? from.data() : from),
    );
    const size = values.reduce((sum, { byteLength }) => sum + byteLength, graph.length);
    if (size > MOST_BYTES) {
      throw new RangeError(`Cannot export to ONNX as a file must have at most ${MOST_BYTES} bytes: ${size}`);
    }
    constants.forEach(({ name, shape, type }, k) => {
      const { buffer, byteOffset, byteLength } = values[k]!;
      const message = new Message().add(1, ...shape).add(2, ELEMENT_TYPES[type]).add(8, name);
      graph.add(5, message.add(9, new Uint8Array(buffer, byteOffset, byteLength)));
    });
  }
}

function attribute(name: string, value: Attribute): Message {
  const message = new Message().add(1, name);
  if (typeof value === "number") return message.add(3, value).add(20, 2);
  if (typeof value === "string") return message.add(4, value).add(20, 3);
  if ("float" in value) return message.addFloat(2, value.float).add(20, 1);
  return message.add(8, ...value).add(20, 7);
}

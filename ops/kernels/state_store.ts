/**
 * How the states of a reduction leave its kernel.
 *
 * @module
 */
import type { Storage } from "../gpu/storage.ts";
import { STORED_AS, toStored } from "./wgsl/dtype.ts";
import type { ReduceCall } from "./reduce.ts";
import { type EpilogueText, IDENTITY } from "./wgsl/epilogue.ts";
import type { BindingDecl, DispatchNumber } from "./wgsl/source.ts";
import { write } from "./wgsl/text.ts";

/** How a state leaves the kernel when all values are in it. */
export interface StateStore {
  /** The text of the epilogue. */
  readonly text: EpilogueText;
  readonly bindings: readonly BindingDecl[];
  readonly storages: readonly Storage[];
  readonly numbers: readonly DispatchNumber[];
  /** Statements that store the state of output `o`, `offset` elements further on. */
  store(state: readonly string[], o: string, offset: string, tag: string): string;
}

/** Stores a partial state, all of a state's parts, or the one result with the epilogue. */
export function stateStore(call: ReduceCall, isPartial: boolean, y: readonly Storage[]): StateStore {
  const { reducer } = call;
  const epilogue = isPartial ? IDENTITY : call.epilogue;
  const text = epilogue.text(1);
  const parts = isPartial || call.others ? reducer.state.map((_, p) => p) : [reducer.result];
  return {
    text,
    numbers: epilogue.numbers,
    bindings: [...parts.map((p, k) => write(`y${k}`, STORED_AS[reducer.state[p]!])), ...text.bindings],
    storages: [...y, ...epilogue.reads, ...epilogue.writes],
    store: (state, o, offset, tag) => {
      const stores = parts.map((p, k) => {
        const done = k === 0 ? text.apply([state[p]!], o, tag) : { code: "", values: [state[p]] };
        return `${done.code}\ny${k}[${offset} + ${o}] = ${toStored(reducer.state[p]!, done.values[0]!)};`;
      });
      return [isPartial ? "" : reducer.finish?.(state) ?? "", ...stores].join("\n");
    },
  };
}

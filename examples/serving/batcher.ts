/**
 * Putting requests together: what arrives while the GPU is busy is its next batch.
 *
 * @module
 */

/** A request that waits for its answer. */
interface Waiting<In, Out> {
  readonly input: In;
  readonly resolve: (output: Out) => void;
  readonly reject: (error: unknown) => void;
}

/** What is thrown where too many requests wait. */
export class Overloaded extends Error {
  override name = "Overloaded";
}

/** How requests are put together. */
export interface BatcherOptions {
  /** The most inputs in a batch. */
  readonly most: number;
  /** The most inputs that may wait. */
  readonly room: number;
  /** Milliseconds that the first of a batch waits for others. */
  readonly wait: number;
}

/** Runs a function on batches of inputs that arrive one by one. */
export class Batcher<In, Out> {
  readonly #run: (inputs: readonly In[]) => Promise<readonly Out[]>;
  readonly #options: BatcherOptions;
  readonly #waiting: Waiting<In, Out>[] = [];
  #isBusy = false;

  /**
   * @param run Computes the outputs of a batch, in the order of its inputs.
   * @param options How large a batch may be, and how long it is waited for.
   */
  constructor(run: (inputs: readonly In[]) => Promise<readonly Out[]>, options: BatcherOptions) {
    this.#run = run;
    this.#options = options;
  }

  /**
   * Adds an input to the next batch.
   *
   * @returns Its output. Rejects with {@linkcode Overloaded} where too many wait, or as the batch does.
   */
  add(input: In): Promise<Out> {
    const { room } = this.#options;
    if (this.#waiting.length >= room) {
      return Promise.reject(new Overloaded(`Cannot take a request as at most ${room} may wait: so many do`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      if (!this.#isBusy) this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) {
      // waiting for the GPU stops the event loop: the requests that came meanwhile are heard of now
      await new Promise((done) => setTimeout(done, this.#options.wait));
      const batch = this.#waiting.splice(0, this.#options.most);
      try {
        const outputs = await this.#run(batch.map(({ input }) => input));
        batch.forEach(({ resolve }, k) => resolve(outputs[k]));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isBusy = false;
  }
}

/**
 * When a network in training is looked into. Looks cost the training less than a fiftieth of its time: after each there is a
 * pause of a hundred times as long, and as many test images are tried as fit.
 *
 * @module
 */
import type { BeginEvent, Pause, Training } from "../runs/run_feed.ts";
import { activations, filters, Tester } from "./look_inside.ts";
import type { LiveEvent } from "./run_view.ts";
import { countOf, hasPlaces, readImages, type TestImage } from "./test_images.ts";

/** How many times its own duration passes before the next look, and the milliseconds that pass at least. */
const REST = 100, LEAST = 3000;
/** Test images that are tried at first, and at least. */
const FIRST_TRIED = 256;
/** Images that are chosen before anybody chooses. */
const USUAL = [0, 1, 2, 3];

/** Pauses between things of one kind by how long they take. */
class Pace {
  #next = 0;
  #end = performance.now();
  /** How long the last one took, in milliseconds; 0 before there was one. */
  cost = 0;

  /** Whether it is time again. */
  get isDue(): boolean {
    return performance.now() >= this.#next;
  }

  /** Milliseconds since the last one. */
  get since(): number {
    return performance.now() - this.#end;
  }

  /** Does it, and measures how long it takes. */
  async measure<T>(action: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await action();
    } finally {
      this.#end = performance.now();
      this.cost = this.#end - start;
      this.#next = this.#end + Math.max(LEAST, REST * this.cost);
    }
  }
}

/** Looks into the network of the run under way, and tells what it sees. */
export class Looker {
  readonly #tell: (event: LiveEvent) => void;
  #places: readonly number[] = USUAL;
  #images: TestImage[] | null = null;
  #tester: Tester | null = null;
  #maps = new Pace();
  #tests = new Pace();
  #tried = FIRST_TRIED;
  #epochs = 0;
  #start = performance.now();
  #seen = new Map<string, LiveEvent>();

  /** @param tell Takes what is seen. */
  constructor(tell: (event: LiveEvent) => void) {
    this.#tell = tell;
  }

  /** Begins with another run. */
  begin({ epochs }: Pick<BeginEvent, "epochs">): void {
    this[Symbol.dispose]();
    [this.#images, this.#tester, this.#epochs, this.#start] = [null, null, epochs, performance.now()];
    [this.#maps, this.#tests, this.#tried, this.#seen] = [new Pace(), new Pace(), FIRST_TRIED, new Map()];
  }

  /** Chooses the test images whose activations are shown. */
  choose(places: readonly number[]): void {
    [this.#places, this.#images] = [places, null];
    this.#maps = new Pace(); // at once
  }

  /**
   * Looks, if it is time to.
   *
   * @param training The network, and what it is tested with.
   * @param pause Where the training is.
   * @returns What was seen last, of each kind.
   */
  async look({ net, test }: Training, pause: Pause): Promise<LiveEvent[]> {
    const { epoch } = pause, batches = hasPlaces(test) ? test : undefined;
    if (this.#maps.isDue || this.#isLast(pause)) {
      await this.#maps.measure(async () => {
        const weights = await filters(net);
        if (weights) this.#show({ kind: "filters", epoch, ...weights });
        if (!batches) return;
        this.#images ??= await this.#chosen(batches);
        const answers = await activations(net, this.#images);
        if (answers) this.#show({ kind: "activations", epoch, of: countOf(batches), ...answers });
      });
    }
    if (batches && pause.isEnd && (this.#tests.isDue || this.#isLast(pause))) {
      const { cost, since } = this.#tests,
        time = this.#isLast(pause) ? performance.now() - this.#start : since;
      const affordable = cost > 0 ? this.#tried * time / (REST * cost) : 0;
      this.#tried = Math.max(FIRST_TRIED, Math.floor(affordable));
      await this.#tests.measure(async () => {
        const found = await (this.#tester ??= new Tester(net)).run(batches, this.#tried);
        if (found) this.#show({ kind: "tests", epoch, ...found });
        if (found) this.#tried = found.tried;
      });
    }
    return [...this.#seen.values()];
  }

  /** Frees what it holds. */
  [Symbol.dispose](): void {
    this.#tester?.[Symbol.dispose]();
    this.#tester = null;
  }

  #isLast({ epoch, isEnd }: Pause): boolean {
    return isEnd && epoch >= this.#epochs;
  }

  /** The chosen images that are there; the usual ones where none is. */
  async #chosen(batches: NonNullable<Training["test"]>): Promise<TestImage[]> {
    const found = await readImages(batches, this.#places);
    const images = this.#places.map((place) => found.get(place)).filter((image) => image !== undefined);
    return images.length > 0 || this.#places === USUAL
      ? images
      : [...(await readImages(batches, USUAL)).values()];
  }

  #show(event: LiveEvent): void {
    this.#seen.set(event.kind, event);
    this.#tell(event);
  }
}

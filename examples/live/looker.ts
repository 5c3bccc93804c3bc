/**
 * When a network in training is looked into. Looks cost the training less than a fiftieth of its time: after each there is a
 * pause of a hundred times as long.
 *
 * @module
 */
import type { BeginEvent, Pause, Training } from "../runs/run_feed.ts";
import { activations, filters } from "./look_inside.ts";
import type { LiveEvent } from "./run_view.ts";
import { countOf, hasPlaces, readImages, type TestImage } from "./test_images.ts";
import { TestWatch } from "./test_watch.ts";

/** How many times its own duration passes before the next look, and the milliseconds that pass at least. */
const REST = 100, LEAST = 3000;
/** Images that are chosen before anybody chooses. */
const USUAL = [0, 1, 2, 3];

/** Pauses between things of one kind by how long they take. */
class Pace {
  #next = 0;
  /** Whether it is time again. */
  get isDue(): boolean {
    return performance.now() >= this.#next;
  }

  /** Does it, and measures how long it takes. */
  async measure<T>(action: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await action();
    } finally {
      const end = performance.now();
      this.#next = end + Math.max(LEAST, REST * (end - start));
    }
  }
}

/** Looks into the network of the run under way, and tells what it sees. */
export class Looker {
  readonly #tell: (event: LiveEvent) => void;
  #places: readonly number[] = USUAL;
  #images: TestImage[] | null = null;
  readonly #watch = new TestWatch();
  #maps = new Pace();
  #tests = new Pace();
  #epochs = 0;
  #seen = new Map<string, LiveEvent>();

  /** @param tell Takes what is seen. */
  constructor(tell: (event: LiveEvent) => void) {
    this.#tell = tell;
  }

  /** Begins with another run. */
  begin({ epochs }: Pick<BeginEvent, "epochs">): void {
    [this.#images, this.#epochs, this.#seen] = [null, epochs, new Map()];
    [this.#maps, this.#tests] = [new Pace(), new Pace()];
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
    if (pause.isEnd && (this.#tests.isDue || this.#isLast(pause))) {
      await this.#tests.measure(async () => {
        const found = await this.#watch.take(test);
        if (found) this.#show({ kind: "tests", epoch, ...found });
      });
    }
    return [...this.#seen.values()];
  }

  /** Looks no more. */
  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
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

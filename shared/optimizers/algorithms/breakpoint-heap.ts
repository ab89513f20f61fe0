/** A binary min-heap of variables by the time at which each meets its bound; ties by index. */
export class BreakpointHeap {
  #count: number;

  /**
   * @param order the variables to visit; reordered in place
   * @param times by variable
   */
  constructor(
    private readonly order: Int32Array,
    private readonly times: Float64Array,
  ) {
    this.#count = order.length;
    for (let at = (order.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** The variable with the earliest time; undefined behaviour when empty. */
  get first(): number {
    return this.order[0];
  }

  removeFirst(): void {
    this.#count -= 1;
    this.order[0] = this.order[this.#count];
    this.#sink(0);
  }

  #sink(from: number): void {
    const { order } = this;
    const moving = order[from];
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#count) break;
      if (child + 1 < this.#count && this.#isBefore(order[child + 1], order[child])) child += 1;
      if (!this.#isBefore(order[child], moving)) break;
      order[at] = order[child];
      at = child;
    }
    order[at] = moving;
  }

  #isBefore(a: number, b: number): boolean {
    const [timeA, timeB] = [this.times[a], this.times[b]];
    return timeA < timeB || (timeA === timeB && a < b);
  }
}

/** Allocates a kernel's scratch and counts it to the byte. */
export class Workspace {
  #bytes = 0;

  /** Bytes handed out or added so far. */
  get bytes(): number {
    return this.#bytes;
  }

  float64(count: number): Float64Array {
    return this.#counted(new Float64Array(count));
  }

  /** Counts memory that was allocated elsewhere, such as a schedule's. */
  add(...arrays: readonly ArrayBufferView[]): void {
    for (const array of arrays) this.#counted(array);
  }

  #counted<A extends ArrayBufferView>(array: A): A {
    this.#bytes += array.byteLength;
    return array;
  }
}

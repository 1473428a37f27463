/** Carries out calls one after another. Those that wait behind one that fails fail with it; later ones start afresh. */
export class Calls {
  #last: Promise<unknown> = Promise.resolve();

  enqueue<T>(work: () => Promise<T>): Promise<T> {
    const call = this.#last.then(work);
    this.#last = call;
    call.catch(() => {
      if (this.#last === call) this.#last = Promise.resolve();
    });
    return call;
  }
}

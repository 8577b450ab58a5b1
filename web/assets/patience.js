// Waiting: until the network is back, until it makes sense to try again, until there is room.

const LONGEST = 8000;

/** Something that may work if it is tried again. */
export class Transient extends Error {}

/** Resolve after some milliseconds. */
export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Resolve when the browser is online. */
export function online() {
  if (navigator.onLine) return Promise.resolve();
  return new Promise((resolve) => window.addEventListener("online", resolve, { once: true }));
}

/** Do `act` until it does not throw `Transient`, at growing, jittered distances; give up after so many tries. */
export async function patiently(act, tries = 6) {
  for (let attempt = 1; ; attempt += 1) {
    await online();
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Transient) || (attempt >= tries && navigator.onLine)) throw error;
    }
    await sleep(Math.min(LONGEST, 400 * 2 ** attempt) * (0.5 + Math.random() / 2));
  }
}

/** A room for so many at once; the others wait in line. */
export class Room {
  #free;
  #line = [];

  constructor(places) {
    this.#free = places;
  }

  async within(act) {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise((resolve) => this.#line.push(resolve));
    try {
      return await act();
    } finally {
      const next = this.#line.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

// One picture on its way: signed, uploaded, processed, then ready or rejected. Knows nothing of how it is shown.

import { Refused, send, Stale } from "./api.js";
import { patiently, Room, sleep, Transient } from "./patience.js";

const uploading = new Room(4);
const FIRST_WAIT = 700;
const LONGEST_WAIT = 5000;
const FORMS = 3;
const LONG = 60_000;

export class Picture extends EventTarget {
  state = "waiting";
  part = 0;
  id = null;
  why = "";
  slow = false;
  result = null;
  linkedAt = 0;
  /** The focal point of what S3 has; undefined as long as it has nothing. */
  sent;
  #api;
  #ticket = null;

  constructor(api, { name, bytes, file = null, id = null, focus = null }) {
    super();
    this.#api = api;
    Object.assign(this, { name, bytes, file, id, focus });
  }

  get finished() {
    return ["ready", "rejected", "failed"].includes(this.state);
  }

  /** Whether `start` makes sense: the file is still at hand. */
  get canRetry() {
    return this.state === "failed" && this.file !== null;
  }

  /** Whether `refocus` makes sense: neither does a focal point help what cannot be rendered. */
  get canRefocus() {
    return this.file !== null && this.state !== "rejected";
  }

  /** Upload and follow; never throws. */
  async start(maxBytes) {
    this.#become("waiting", { why: "", slow: false });
    await this.#guarded(async () => {
      if (this.file.size > maxBytes) throw new Refused(tooLarge(maxBytes));
      if (this.file.size === 0) throw new Refused("The file is empty. Choose another one.");
      while (!this.finished) {
        await uploading.within(() => this.#upload());
        await this.#follow();
      }
    });
  }

  /** Crop around another point: a picture that S3 has is sent again, for the point is in its metadata. */
  async refocus(focus, maxBytes) {
    this.focus = focus;
    if (this.finished) await this.start(maxBytes);
  }

  /** Go on after a reload: the file is gone, but S3 may have it. */
  async resume(uploaded) {
    this.#become("processing");
    await this.#guarded(async () => {
      if (uploaded) {
        this.sent = this.focus;
        return this.#follow();
      }
      await this.#readStatus();
      if (!this.finished) throw new Transient("The page was reloaded before this was uploaded. Drop it again.");
    });
  }

  /** Return the result with links that are good for a while longer. */
  async fresh() {
    if (Date.now() - this.linkedAt > (this.result.expires_in * 1000) / 2) await this.#readStatus();
    return this.result;
  }

  async #guarded(act) {
    try {
      await act();
    } catch (error) {
      this.#become(error instanceof Refused ? "rejected" : "failed", { why: error.message });
    }
  }

  async #upload() {
    for (let forms = 1; ; forms += 1) {
      const { focus } = this;
      const { id, ticket, upload } = await this.#api.sign(this.file, focus, this.#ticket);
      this.id = id;
      this.#become("uploading", { part: 0 });
      try {
        await patiently(() => send(upload, this.file, (part) => this.#become("uploading", { part })));
        this.#ticket = ticket;
        this.sent = focus;
        break;
      } catch (error) {
        if (!(error instanceof Stale) || forms >= FORMS) throw error;
      }
    }
    this.#become("processing");
  }

  /** Until there is an outcome, or another focal point to send. */
  async #follow() {
    const began = Date.now();
    for (let wait = FIRST_WAIT; this.sent === this.focus; wait = Math.min(LONGEST_WAIT, wait * 1.3)) {
      await this.#readStatus();
      if (this.finished) return;
      if (!this.slow && Date.now() - began > LONG) this.#become("processing", { slow: true });
      await sleep(wait);
    }
  }

  async #readStatus() {
    const answer = await this.#api.status(this.id);
    // With another focus, it is what was made before the file was sent again.
    const isOurs = this.focus === null || answer.focus === this.focus;
    if (answer.status === "ready" && isOurs) this.#become("ready", { result: answer, linkedAt: Date.now() });
    if (answer.status === "rejected") this.#become("rejected", { why: answer.detail });
  }

  #become(state, facts = {}) {
    Object.assign(this, facts, { state });
    this.dispatchEvent(new Event("change"));
  }
}

function tooLarge(maxBytes) {
  return `The picture has more than ${Math.floor(maxBytes / 1024 ** 2)} MB. Make it smaller and upload it again.`;
}

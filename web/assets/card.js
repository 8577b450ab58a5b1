// One picture as it is shown. Text only ever goes in as text: a file's name is never markup.

import { saved, size } from "./words.js";

const STATES = {
  waiting: "Waiting",
  uploading: "Uploading",
  processing: "Processing",
  ready: "Ready",
  rejected: "Rejected",
  failed: "Not uploaded",
};
const GLYPHS = { rejected: "\u2715", failed: "\u2715" };

export class Card {
  element = document.getElementById("card").content.firstElementChild.cloneNode(true);
  #picture;
  #announce;
  #preview = null;
  #shown = "";

  constructor(picture, { announce, retry, remove }) {
    this.#picture = picture;
    this.#announce = announce;
    this.#find("h3").textContent = picture.name;
    this.#find("progress").setAttribute("aria-label", `Upload of ${picture.name}`);
    this.#button(".retry", `Try ${picture.name} again`, retry);
    this.#button(".remove", `Remove ${picture.name} from the list`, remove);
    if (picture.file) this.#show(URL.createObjectURL(picture.file), true);
    picture.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  /** Let go of what the preview takes. */
  close() {
    if (this.#preview) URL.revokeObjectURL(this.#preview);
    this.element.remove();
  }

  #draw() {
    const { state, part, why, slow, finished, canRetry } = this.#picture;
    const words = state === "uploading" ? `Uploading, ${Math.round(part * 100)} %` : STATES[state];
    this.element.dataset.state = state;
    this.element.toggleAttribute("data-busy", !finished);
    this.#find(".state").textContent = slow && !finished ? "Processing; this takes longer than usual" : words;
    this.#find("progress").hidden = state !== "uploading";
    this.#find("progress").value = part;
    this.#find(".why").hidden = !finished || !why;
    this.#find(".why").textContent = why;
    this.#find(".retry").hidden = !canRetry;
    this.#find(".remove").hidden = !finished;
    this.#find(".glyph").textContent = GLYPHS[state] ?? "";
    if (state !== this.#shown) this.#enter(state, why);
  }

  /** Once for each state: say it, and show what has been made. */
  #enter(state, why) {
    this.#shown = state;
    if (this.#picture.finished) this.#announce(`${this.#picture.name}: ${STATES[state]}. ${why}`);
    if (state === "ready") this.#fill(this.#picture.result);
  }

  #fill({ renditions, source }) {
    const smallest = renditions.reduce((best, one) => (one.width < best.width ? one : best), renditions[0]);
    if (smallest) this.#show(smallest.url, false);
    const list = this.#find(".renditions");
    list.replaceChildren(...renditions.map((rendition) => this.#row(rendition, source)));
    list.hidden = false;
  }

  #row(rendition, source) {
    const row = document.getElementById("rendition").content.firstElementChild.cloneNode(true);
    const what = `${rendition.name} of ${this.#picture.name}`;
    row.querySelector(".name").textContent = rendition.name;
    row.querySelector(".size").textContent = `${rendition.width} \u00d7 ${rendition.height}, ${size(rendition.bytes)}`;
    row.querySelector(".saved").textContent = saved(source.bytes, rendition.bytes);
    const download = row.querySelector(".download");
    download.href = rendition.download_url;
    download.download = rendition.file_name;
    download.setAttribute("aria-label", `Download ${what}`);
    download.addEventListener("click", (event) => this.#download(event, rendition.name));
    const copy = row.querySelector(".copy");
    copy.setAttribute("aria-label", `Copy link to ${what}`);
    copy.addEventListener("click", () => this.#copy(copy, rendition.name));
    return row;
  }

  /** A link that has lain around is made anew before it is followed. */
  async #download(event, name) {
    const before = event.currentTarget.href;
    const link = event.currentTarget;
    if (Date.now() - this.#picture.linkedAt < (this.#picture.result.expires_in * 1000) / 2) return;
    event.preventDefault();
    const rendition = await this.#fresh(name);
    link.href = rendition?.download_url ?? before;
    link.click();
  }

  async #copy(button, name) {
    const done = await this.#fresh(name)
      .then((rendition) => navigator.clipboard.writeText(rendition.url))
      .then(() => "Copied", () => "Not copied");
    button.textContent = done;
    this.#announce(done === "Copied" ? `The link to ${name} is copied.` : "The browser did not allow copying.");
    setTimeout(() => { button.textContent = "Copy link"; }, 2000);
  }

  async #fresh(name) {
    const { renditions } = await this.#picture.fresh();
    return renditions.find((rendition) => rendition.name === name);
  }

  /** Show a picture, if the browser can: it shows no HEIC, for one. */
  #show(url, preview) {
    const image = this.#find(".picture img");
    image.addEventListener("load", () => { image.hidden = false; }, { once: true });
    image.addEventListener("error", () => { image.hidden = true; }, { once: true });
    image.src = url;
    image.alt = preview ? "" : `${this.#picture.name}, small`;
    if (!preview && this.#preview) URL.revokeObjectURL(this.#preview);
    this.#preview = preview ? url : null;
  }

  #button(selector, label, act) {
    const button = this.#find(selector);
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
  }

  #find(selector) {
    return this.element.querySelector(selector);
  }
}

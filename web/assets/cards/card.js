// One picture as it is shown. Text only ever goes in as text: a file's name is never markup.

import { copy, markup } from "./copying.js";
import { rowOf } from "./row.js";

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
  #crops;
  #preview = null;
  #previewed = false;
  #shown = "";

  /** `refocus` is null where nothing crops. */
  constructor(picture, { announce, retry, refocus, remove }) {
    this.#picture = picture;
    this.#announce = announce;
    this.#crops = refocus !== null;
    this.#find("h3").textContent = picture.name;
    this.#find("progress").setAttribute("aria-label", `Upload of ${picture.name}`);
    this.#button(".retry", `Try ${picture.name} again`, retry);
    this.#button(".focus", `Focal point of ${picture.name}`, async () => refocus(await this.#whole()));
    this.#button(".markup", `Copy HTML of ${picture.name}`, () => this.#copyMarkup());
    this.#find(".html").setAttribute("aria-label", `HTML of ${picture.name}`);
    this.#button(".remove", `Remove ${picture.name} from the list`, remove);
    if (picture.file) this.#preview = URL.createObjectURL(picture.file);
    if (this.#preview) this.#show(this.#preview, "", () => { this.#previewed = true; });
    picture.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  /** Let go of what the preview takes. */
  close() {
    if (this.#preview) URL.revokeObjectURL(this.#preview);
    this.element.remove();
  }

  #draw() {
    const { state, part, why, slow, finished, canRetry, canRefocus } = this.#picture;
    const words = state === "uploading" ? `Uploading, ${Math.round(part * 100)} %` : STATES[state];
    this.element.dataset.state = state;
    this.element.toggleAttribute("data-busy", !finished);
    this.#find(".state").textContent = slow && !finished ? "Processing; this takes longer than usual" : words;
    this.#find("progress").hidden = state !== "uploading";
    this.#find("progress").value = part;
    this.#find(".why").hidden = !finished || !why;
    this.#find(".why").textContent = why;
    this.#find(".retry").hidden = !canRetry;
    this.#find(".focus").hidden = !this.#crops || !canRefocus || !this.#isSeen;
    this.#find(".remove").hidden = !finished;
    this.#find(".glyph").textContent = GLYPHS[state] ?? "";
    if (state !== this.#shown) this.#enter(state, why);
  }

  /** Whether the browser can show the picture uncropped. */
  get #isSeen() {
    const { result } = this.#picture;
    return this.#previewed || Boolean(result?.renditions.some((rendition) => isWhole(rendition, result.source)));
  }

  /** Once for each state: say it, and show what has been made. */
  #enter(state, why) {
    this.#shown = state;
    if (this.#picture.finished) this.#announce(`${this.#picture.name}: ${STATES[state]}. ${why}`);
    [".renditions", ".markup", ".html"].forEach((part) => { this.#find(part).hidden = true; });
    if (state === "ready") this.#fill(this.#picture.result);
  }

  #fill({ renditions, picture }) {
    const [smallest] = [...renditions].sort((one, other) => one.width - other.width);
    // Where there is no preview: the placeholder would take a policy that allows `data:` addresses.
    if (this.#find(".picture img").hidden) this.#find(".picture").style.backgroundColor = picture?.color ?? "";
    if (smallest) this.#show(smallest.url, `${this.#picture.name}, small`);
    const list = this.#find(".renditions");
    list.replaceChildren(...renditions.map((rendition) => rowOf(rendition, this.#picture, this.#announce)));
    list.hidden = false;
    this.#find(".markup").hidden = !renditions.some(({ address }) => address);
  }

  /** Where the browser does not copy, people do: the text is there, and selected. */
  async #copyMarkup() {
    const html = markup(this.#picture.result);
    if (await copy(this.#find(".markup"), "The HTML", async () => html, this.#announce)) return;
    const place = this.#find(".html");
    place.value = html;
    place.hidden = false;
    place.focus();
    place.select();
  }

  /** Show a picture, if the browser can: it shows no HEIC, for one. */
  #show(url, words, shown = () => {}) {
    const image = this.#find(".picture img");
    image.onload = () => {
      image.hidden = false;
      this.#find(".picture").style.backgroundColor = "";
      shown();
      this.#draw();
    };
    image.onerror = () => { image.hidden = true; };
    image.src = url;
    image.alt = words;
  }

  /** Where the picture is uncropped: the file itself, or of a HEIC, which browsers do not show, what was made of it. */
  async #whole() {
    if (this.#previewed) return this.#preview;
    const { renditions, source } = await this.#picture.fresh();
    return renditions.find((rendition) => isWhole(rendition, source)).url;
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

/** Whether a rendition has the picture's own shape, but for rounding: what is cropped has no place for the whole's focal point. */
function isWhole(rendition, source) {
  const excess = Math.abs(rendition.width * source.height - rendition.height * source.width);
  return excess <= Math.max(source.width, source.height);
}

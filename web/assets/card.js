// One picture as it is shown. Text only ever goes in as text: a file's name is never markup.

import { image } from "./embed.js";
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

  #fill({ renditions, source }) {
    const [smallest] = [...renditions].sort((one, other) => one.width - other.width);
    if (smallest) this.#show(smallest.url, `${this.#picture.name}, small`);
    const list = this.#find(".renditions");
    list.replaceChildren(...renditions.map((rendition) => this.#row(rendition, source)));
    list.hidden = false;
    this.#find(".markup").hidden = !renditions.some(({ address }) => address);
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
    copy.addEventListener("click", () => this.#copyLink(copy, rendition.name));
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

  #copyLink(button, name) {
    return this.#copy(button, `The link to ${name}`, this.#fresh(name).then((rendition) => rendition.url));
  }

  /** Where the browser does not copy, people do: the text is there, and selected. */
  async #copyMarkup() {
    const html = markup(this.#picture.result);
    if (await this.#copy(this.#find(".markup"), "The HTML", Promise.resolve(html))) return;
    const place = this.#find(".html");
    place.value = html;
    place.hidden = false;
    place.focus();
    place.select();
  }

  async #copy(button, what, text) {
    const label = (button.dataset.label ??= button.textContent);
    const done = await text.then((copied) => navigator.clipboard.writeText(copied)).then(() => true, () => false);
    button.textContent = done ? "Copied" : "Not copied";
    this.#announce(done ? `${what} is copied.` : "The browser did not allow copying.");
    setTimeout(() => { button.textContent = label; }, 2000);
    return done;
  }

  async #fresh(name) {
    const { renditions } = await this.#picture.fresh();
    return renditions.find((rendition) => rendition.name === name);
  }

  /** Show a picture, if the browser can: it shows no HEIC, for one. */
  #show(url, words, shown = () => {}) {
    const image = this.#find(".picture img");
    image.onload = () => {
      image.hidden = false;
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

/** The HTML for another page that shows what is delivered. In a document without a window, where nothing of it is loaded. */
function markup({ picture, renditions, source }) {
  const delivered = renditions.filter(({ address }) => address).map((one) => ({ ...one, url: one.address }));
  const elsewhere = document.implementation.createHTMLDocument();
  return image({ picture, source, renditions: delivered }, { document: elsewhere }).outerHTML;
}

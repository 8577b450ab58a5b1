// The focal point of a picture, which crops keep: asked for in a dialog, by mouse, touch or keyboard.

import { point } from "../words.js";

const byId = (id) => document.getElementById(id);

export class FocusDialog {
  #dialog = byId("focus");
  #image = byId("focus-image");
  #marker = byId("focus-marker");
  #sliders = [byId("focus-x"), byId("focus-y")];

  constructor() {
    this.#sliders.forEach((slider) => slider.addEventListener("input", () => this.#mark()));
    this.#image.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.#image.setPointerCapture(event.pointerId);
      this.#point(event);
    });
    this.#image.addEventListener("pointermove", (event) => {
      if (this.#image.hasPointerCapture(event.pointerId)) this.#point(event);
    });
    byId("focus-use").addEventListener("click", () => this.#dialog.close("use"));
    byId("focus-cancel").addEventListener("click", () => this.#dialog.close(""));
  }

  /** Ask for a picture's point, `x,y` from 0 to 1, beginning with `focus` or the middle; null where it is not to change. */
  ask(name, url, focus) {
    byId("focus-title").textContent = `Focal point of ${name}`;
    this.#image.src = url;
    this.#place((focus ?? "0.5,0.5").split(",").map(Number));
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
    return new Promise((resolve) => {
      const closed = () => {
        this.#image.removeAttribute("src");
        const [x, y] = this.#sliders.map((slider) => slider.value / 100);
        resolve(this.#dialog.returnValue === "use" ? `${x},${y}` : null);
      };
      this.#dialog.addEventListener("close", closed, { once: true });
    });
  }

  /** What is outside of the picture, where a finger may have slid to, counts as its edge: so do the sliders. */
  #point({ clientX, clientY }) {
    const { left, top, width, height } = this.#image.getBoundingClientRect();
    this.#place([(clientX - left) / width, (clientY - top) / height]);
  }

  #place(fractions) {
    this.#sliders.forEach((slider, axis) => { slider.value = Math.round(fractions[axis] * 100); });
    this.#mark();
  }

  #mark() {
    const [x, y] = this.#sliders.map(({ value }) => value);
    // By properties, which the policy allows, and not by a style attribute, which it does not.
    Object.assign(this.#marker.style, { left: `${x}%`, top: `${y}%` });
    byId("focus-words").textContent = point(`${x / 100},${y / 100}`);
    this.#sliders.forEach((slider) => slider.setAttribute("aria-valuetext", `${slider.value} %`));
  }
}

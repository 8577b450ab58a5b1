// What people take away in the clipboard: links, and HTML for pages of their own.

// Of web/ itself, since people copy it; served beside this folder.
import { image } from "../embed.js";

/** Copy a text that has to be asked for, and say so; return whether the browser did it. */
export async function copy(button, what, ask, announce) {
  const label = (button.dataset.label ??= button.textContent);
  const done = await ask().then((text) => navigator.clipboard.writeText(text)).then(() => true, () => false);
  button.textContent = done ? "Copied" : "Not copied";
  announce(done ? `${what} is copied.` : "The browser did not allow copying.");
  setTimeout(() => { button.textContent = label; }, 2000);
  return done;
}

/** Return the HTML that shows what is delivered. Made in a document without a window, where nothing of it is loaded. */
export function markup({ picture, renditions, source }) {
  const delivered = renditions.filter(({ address }) => address).map((one) => ({ ...one, url: one.address }));
  const elsewhere = document.implementation.createHTMLDocument();
  return image({ picture, source, renditions: delivered }, { document: elsewhere }).outerHTML;
}

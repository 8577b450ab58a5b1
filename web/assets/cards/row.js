// A rendition on its card: what it is, and its links.

import { saved, size } from "../words.js";
import { copy } from "./copying.js";

/** Return the row of a rendition of a picture that is ready. */
export function rowOf(rendition, picture, announce) {
  const row = document.getElementById("rendition").content.firstElementChild.cloneNode(true);
  const what = `${rendition.name} of ${picture.name}`;
  row.querySelector(".name").textContent = rendition.name;
  row.querySelector(".size").textContent = `${rendition.width} \u00d7 ${rendition.height}, ${size(rendition.bytes)}`;
  row.querySelector(".saved").textContent = saved(picture.result.source.bytes, rendition.bytes);
  const download = row.querySelector(".download");
  download.href = rendition.download_url;
  download.download = rendition.file_name;
  download.setAttribute("aria-label", `Download ${what}`);
  download.addEventListener("click", (event) => follow(event, picture, rendition.name));
  const button = row.querySelector(".copy");
  button.setAttribute("aria-label", `Copy link to ${what}`);
  const link = async () => (await fresh(picture, rendition.name)).url;
  button.addEventListener("click", () => copy(button, `The link to ${rendition.name}`, link, announce));
  return row;
}

/** A link that has lain around is made anew before it is followed. */
async function follow(event, picture, name) {
  const link = event.currentTarget;
  if (Date.now() - picture.linkedAt < (picture.result.expires_in * 1000) / 2) return;
  event.preventDefault();
  const rendition = await fresh(picture, name);
  link.href = rendition?.download_url ?? link.href;
  link.click();
}

async function fresh(picture, name) {
  const { renditions } = await picture.fresh();
  return renditions.find((rendition) => rendition.name === name);
}

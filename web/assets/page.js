// The page: takes files by drop, paste and choice, makes a card for each, and remembers them.

import { Access } from "./access.js";
import { Api } from "./api.js";
import { Card } from "./cards/card.js";
import { FocusDialog } from "./cards/focus.js";
import { Picture } from "./picture.js";
import { keep, kept } from "./session.js";
import { point, size, summary } from "./words.js";

const byId = (id) => document.getElementById(id);
const settings = await fetch("/config.json", { cache: "no-store" }).then((answer) => answer.json());
const access = new Access(settings, byId("studio"));
const api = new Api(access);
const focusDialog = new FocusDialog();
const shelf = new Map();

function announce(words) {
  const line = document.createElement("span");
  line.textContent = `${words} `;
  byId("news").append(line);
  setTimeout(() => line.remove(), 5000);
}

function changed() {
  const pictures = [...shelf.keys()];
  byId("shelf").hidden = pictures.length === 0;
  byId("summary").textContent = summary(pictures.map(({ state }) => state));
  byId("clear").hidden = !pictures.some(({ finished }) => finished);
  keep(pictures);
}

function show(picture) {
  const card = new Card(picture, {
    announce,
    retry: () => picture.start(settings.maxBytes),
    refocus: settings.crops ? (whole) => refocus(picture, whole) : null,
    remove: () => {
      drop(picture);
      byId("files").focus();
    },
  });
  shelf.set(picture, card);
  byId("cards").prepend(card.element);
  picture.addEventListener("change", changed);
  changed();
}

async function refocus(picture, whole) {
  const focus = await focusDialog.ask(picture.name, whole, picture.focus);
  if (focus === null || focus === picture.focus) return;
  announce(`${picture.name}: crops keep the point ${point(focus)}.`);
  picture.refocus(focus, settings.maxBytes);
}

function drop(picture) {
  shelf.get(picture).close();
  shelf.delete(picture);
  changed();
}

function take(files) {
  for (const file of files) {
    const picture = new Picture(api, { name: file.name, bytes: file.size, file });
    show(picture);
    picture.start(settings.maxBytes);
  }
  if (files.length) announce(files.length === 1 ? `${files[0].name} is taken.` : `${files.length} files are taken.`);
}

function listen() {
  byId("files").addEventListener("change", (event) => {
    take([...event.target.files]);
    event.target.value = "";
  });
  byId("clear").addEventListener("click", () => [...shelf.keys()].filter(({ finished }) => finished).forEach(drop));
  document.addEventListener("paste", (event) => take([...event.clipboardData.files]));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.dataset.dragging = "";
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete document.body.dataset.dragging;
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    delete document.body.dataset.dragging;
    if (!byId("studio").hidden) take([...event.dataTransfer.files]);
  });
  const showOffline = () => { byId("offline").hidden = navigator.onLine; };
  window.addEventListener("online", showOffline);
  window.addEventListener("offline", showOffline);
  showOffline();
}

function restore() {
  for (const { id, name, bytes, uploaded, focus } of kept()) {
    const picture = new Picture(api, { id, name, bytes, focus });
    show(picture);
    picture.resume(uploaded);
  }
}

byId("limit").textContent += `, up to ${size(settings.maxBytes)} each`;
listen();
restore();

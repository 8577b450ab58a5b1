"use strict";

// Without this script the page says the same; with it, commands can be copied, and letters be selected.

const bar = document.getElementById("selection");
const said = bar.querySelector("output");

async function copy(text, button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    window.prompt("This browser does not let the page copy:", text);
  }
  setTimeout(() => { button.textContent = before; }, 1500);
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", () => act(made));
  return made;
}

const selected = () => [...document.querySelectorAll("article input:checked")];

function count() {
  said.textContent = `${selected().length} selected`;
  bar.hidden = selected().length === 0;
}

for (const code of document.querySelectorAll(".next code")) {
  code.after(button("Copy", (made) => copy(code.textContent, made)));
}

for (const letter of document.querySelectorAll("article")) {
  const box = Object.assign(document.createElement("input"), { type: "checkbox", value: letter.id });
  box.addEventListener("change", count);
  const label = document.createElement("label");
  label.append(box, " Select");
  box.setAttribute("aria-label", `Select ${letter.querySelector("h3").textContent}`);
  letter.prepend(label);
}

for (const made of bar.querySelectorAll("[data-words]")) {
  made.addEventListener("click", () => {
    const ids = selected().map((box) => `--id ${box.value}`).join(" ");
    const exported = { "dlq export": ` selected-${Date.now()}.jsonl`, "dlq purge": ` --export selected-${Date.now()}.jsonl` };
    copy(`${bar.dataset.ops}${made.dataset.words} ${ids}${exported[made.dataset.words] ?? ""}`, made);
  });
}

bar.querySelector("[data-clear]").addEventListener("click", () => {
  for (const box of selected()) box.checked = false;
  count();
});

// What a browser kept checked when the page was loaded again.
count();

// node render.js FORMAT FOLDER FILE...: as bench/race/contestants.py, with sharp and one thread.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const sharp = require("sharp");

const [name, folder, ...files] = process.argv.slice(2);
const options = {
  webp: { quality: 80, effort: 4 },
  jpeg: { quality: 80, progressive: true, optimiseCoding: true },
  avif: { quality: 80, effort: 3, chromaSubsampling: "4:2:0" }, // Like the worker's effort: see bench/race/render.py.
};

sharp.concurrency(1);
sharp.cache(false);

async function make(data) {
  const made = {};
  for (const side of [256, 1600]) {
    const box = { fit: "inside", withoutEnlargement: true };
    made[side] = await sharp(data).rotate().resize(side, side, box)[name](options[name]).toBuffer();
  }
  return made;
}

async function main() {
  await make(fs.readFileSync(files[0]));
  const seconds = [];
  for (const file of files) {
    const data = fs.readFileSync(file);
    const began = process.cpuUsage();
    const made = await make(data);
    const spent = process.cpuUsage(began);
    seconds.push((spent.user + spent.system) / 1e6);
    for (const side of folder === "-" ? [] : Object.keys(made)) {
      fs.writeFileSync(path.join(folder, `${path.parse(file).name}-${side}.${name}`), made[side]);
    }
  }
  const peak = 1024 * Number(/VmHWM:\s*(\d+)/.exec(fs.readFileSync("/proc/self/status", "ascii"))[1]);
  process.stdout.write(JSON.stringify({ seconds, peak }));
}

main();

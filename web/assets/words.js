// What the page says: numbers and states in words.

const UNITS = ["bytes", "KB", "MB", "GB"];

/** 1536 becomes "1.5 KB". */
export function size(bytes) {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log(bytes || 1) / Math.log(1024))));
  const value = bytes / 1024 ** power;
  const digits = power === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString("en", { maximumFractionDigits: digits })} ${UNITS[power]}`;
}

/** How much of the original a rendition saves; nothing where it saves nothing. */
export function saved(original, rendition) {
  const percent = Math.round((1 - rendition / original) * 100);
  return percent > 0 ? `${percent} % smaller` : "";
}

/** "2 ready, 1 in work, 1 rejected", without what there is none of. */
export function summary(states) {
  const count = (...names) => states.filter((state) => names.includes(state)).length;
  const parts = [
    [count("ready"), "ready"],
    [count("waiting", "uploading", "processing"), "in work"],
    [count("rejected"), "rejected"],
    [count("failed"), "not uploaded"],
  ];
  return parts.filter(([number]) => number).map(([number, word]) => `${number} ${word}`).join(", ");
}

/** "0.3,0.75" becomes "30 % from the left, 75 % from the top". */
export function point(focus) {
  const [x, y] = focus.split(",").map((fraction) => Math.round(fraction * 100));
  return `${x} % from the left, ${y} % from the top`;
}

/** What S3 means by refusing an upload. */
export function refusal(code) {
  return {
    EntityTooLarge: "The upload was stopped: the picture is larger than was agreed.",
    EntityTooSmall: "The upload was stopped: the picture is smaller than was agreed.",
  }[code] ?? `The upload was refused (${code || "no reason given"}).`;
}

// What a reload must not lose: which pictures this tab has uploaded. Ids end with the tab.

const KEPT = "pictures";

/** Return what was kept: [{id, name, bytes, uploaded, focus}], oldest first. */
export function kept() {
  try {
    const list = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(list) ? list.filter(({ id, name }) => typeof id === "string" && typeof name === "string") : [];
  } catch {
    return [];
  }
}

/** Keep those pictures that have an id. */
export function keep(pictures) {
  const list = pictures
    .filter(({ id }) => id)
    .map(({ id, name, bytes, sent }) => ({ id, name, bytes, uploaded: sent !== undefined, focus: sent ?? null }));
  sessionStorage.setItem(KEPT, JSON.stringify(list));
}

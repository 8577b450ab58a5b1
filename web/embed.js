// From a manifest, what `python -m ops html` writes. Imports nothing: copy it.

const KNOWN = ["alt", "document", "loading", "origin", "renditions", "sizes"]; // No two begin alike.

export const picture = (manifest, options) => image(manifest, options, true);

export function image(manifest, { alt = "", document: page = document, loading = "lazy", origin, renditions = [], sizes, ...odd } = {}, wrap) {
  for (const name in odd) console.warn(`No option ${name}: ${KNOWN.find(([c]) => c === name.toLowerCase()[0]) ?? KNOWN}?`);
  const make = (tag, its) => Object.assign(page.createElement(tag), its);
  const chosen = choose(manifest, renditions);
  const { width, height } = chosen.at(-1);
  sizes ??= `(min-width: ${width}px) ${width}px, 100vw`;
  const [{ srcset }, ...better] = sources(chosen, origin);
  const img = make("img", { alt, width, height, loading, decoding: "async", sizes, srcset, src: srcset.split(" ").at(-2) });
  // A page's policy may refuse a style attribute. No background shines through.
  img.style.cssText = "max-width:100%;height:auto";
  const { color, placeholder, thumbhash } = manifest.picture ?? {};
  if (thumbhash && atob(thumbhash).charCodeAt(2) < 128) {
    img.style.background = `${color} url("${placeholder}") center / cover no-repeat`;
  }
  if (!wrap && !better[0]) return img;
  const made = make("picture");
  made.append(...better.reverse().map((one) => make("source", { ...one, sizes })), img);
  return made;
}

// Of one shape: browsers go by width alone.
function choose({ picture, reason, renditions, source }, names) {
  const all = [...renditions].sort((a, b) => a.width - b.width || a.bytes - b.bytes);
  const like = (a) => all.filter((b) => Math.abs(b.width * a.height - b.height * a.width) <= Math.max(a.width, a.height));
  const named = all.filter((one) => names.includes(one.name));
  if (!all[0] || named.length < names.length) throw Error(reason ?? `Not all there: ${names}`);
  const same = like(named.at(-1) ?? picture ?? source);
  if (!named.every((one) => same.includes(one))) throw Error(`Different shapes: ${names}`);
  return [named, same, like(all.at(-1))].find((some) => some[0]);
}

// Widths that a format lacks come from others its browsers know.
function sources(chosen, origin) {
  const widths = {}; // Ascending.
  return ["", "image/webp", "image/avif"].flatMap((type) => {
    const own = chosen.filter(({ content_type: its }) => (/avif|webp/.test(its) ? its : "") === type);
    for (const one of own.reverse()) widths[one.width] = `${address(one, origin)} ${one.width}w`;
    return own[0] ? { type, srcset: Object.values(widths).join(", ") } : [];
  });
}

function address({ key, url, version }, origin) {
  if (origin === undefined) {
    if (url) return url;
    throw Error("No url: name origin");
  }
  const path = encodeURIComponent(key).replace(/[!'()*]/g, (c) => `%${c.charCodeAt().toString(16).toUpperCase()}`);
  return `${origin}/${path.replaceAll("%2F", "/")}${version ? `?v=${version}` : ""}`;
}

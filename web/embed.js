// From a manifest, what `python -m ops html` writes. Imports nothing: copy it.

export const picture = (manifest, options) => image(manifest, options, true);

export function image(manifest, { alt = "", document: page = document, loading = "lazy", origin, renditions = [], sizes } = {}, wrapped) {
  const make = (name, properties) => Object.assign(page.createElement(name), properties);
  const chosen = choose(manifest, renditions);
  const { width, height } = chosen.at(-1);
  sizes ??= `(min-width: ${width}px) ${width}px, 100vw`;
  const srcset = (set) => set.map((one) => `${address(one, origin)} ${one.width}w`).join(", ");
  const [[, last], ...better] = sourceSets(chosen);
  const facts = { alt, width, height, loading, decoding: "async", sizes };
  const img = make("img", { ...facts, srcset: srcset(last), src: address(last.at(-1), origin) });
  // No style attribute: a page's policy may refuse it. No background that shines through.
  img.style.cssText = "max-width:100%;height:auto";
  const { color, placeholder, thumbhash } = manifest.picture ?? {};
  if (thumbhash && atob(thumbhash).charCodeAt(2) < 128) {
    img.style.background = `${color} url("${placeholder}") center / cover no-repeat`;
  }
  if (!wrapped && !better.length) return img;
  const made = make("picture");
  for (const [type, set] of better.reverse()) made.append(make("source", { type, sizes, srcset: srcset(set) }));
  made.append(img);
  return made;
}

// Of one shape: browsers go by width alone.
function choose({ picture, reason, renditions, source }, names) {
  const all = [...renditions].sort((a, b) => a.width - b.width || a.bytes - b.bytes);
  const like = (a) => all.filter((b) => Math.abs(b.width * a.height - b.height * a.width) <= Math.max(a.width, a.height));
  const named = all.filter((one) => names.includes(one.name));
  if (!all.length || named.length < names.length) throw Error(reason ?? `Not all there: ${names}`);
  const same = like(named.at(-1) ?? picture ?? source);
  if (!named.every((one) => same.includes(one))) throw Error(`Different shapes: ${names}`);
  return [named, same, like(all.at(-1))].find((some) => some.length);
}

// Widths that a format lacks come from those that its browsers know, too.
function sourceSets(chosen) {
  const widths = {}; // In ascending order.
  return ["", "image/webp", "image/avif"].flatMap((type) => {
    const own = chosen.filter(({ content_type: its }) => its === type || (!type && !/avif|webp/.test(its)));
    for (const one of own.reverse()) widths[one.width] = one;
    return own.length ? [[type, Object.values(widths)]] : [];
  });
}

function address({ key, url, version }, origin) {
  if (origin === undefined && url) return url;
  if (origin === undefined) throw Error("No url: name origin");
  const odd = (c) => `%${c.charCodeAt().toString(16).toUpperCase()}`;
  const path = encodeURIComponent(key).replace(/[!'()*]/g, odd).replaceAll("%2F", "/");
  return `${origin}/${path}${version ? `?v=${version}` : ""}`;
}

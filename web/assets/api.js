// The page's API and the upload to S3. Throws `Transient` for what may work later, `Refused` for what never will.

import { patiently, Room, Transient } from "./patience.js";
import { refusal } from "./words.js";

/** Will be refused again; the message is for a person. */
export class Refused extends Error {}

/** The form was signed too long ago, or by somebody whose credentials have ended: another one may do. */
export class Stale extends Error {}

const asking = new Room(6);

export class Api {
  #access;

  constructor(access) {
    this.#access = access;
  }

  /** Return {id, ticket, upload: {url, fields}} for a file; with an earlier answer's ticket, for the same id. */
  sign({ name, size, type }, focus, ticket) {
    const what = { name: name.slice(-255), size, type: type || "application/octet-stream" };
    const body = JSON.stringify({ ...what, focus: focus ?? undefined, ticket: ticket ?? undefined });
    return this.#ask("/api/uploads", { method: "POST", body });
  }

  /** Return {status, ...} of one picture. */
  status(id) {
    return this.#ask(`/api/images/${encodeURIComponent(id)}`, {});
  }

  #ask(path, options) {
    return patiently(async () => {
      for (;;) {
        const code = this.#access.code;
        const answer = await this.#fetch(path, options, code);
        if (answer.status !== 401) return understood(answer);
        await this.#access.refused(code);
      }
    });
  }

  async #fetch(path, options, code) {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${code}` };
    try {
      return await asking.within(() => fetch(path, { ...options, headers, credentials: "omit", cache: "no-store" }));
    } catch {
      throw new Transient("The server cannot be reached.");
    }
  }
}

async function understood(answer) {
  const document = await answer.json().catch(() => ({}));
  if (answer.ok) return document;
  if (answer.status === 429 || answer.status >= 500) throw new Transient("The server is busy.");
  throw new Refused(document.error?.message ?? `The server refused this (${answer.status}).`);
}

/** Send a file with a signed form; `progressed` is called with the fraction sent. Resolves when S3 has it. */
export function send(form, file, progressed) {
  const data = new FormData();
  Object.entries(form.fields).forEach(([name, value]) => data.append(name, value));
  data.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => progressed(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Transient("The upload was interrupted.")));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve();
      else reject(answered(request));
    });
    request.open("POST", form.url);
    request.send(data);
  });
}

function answered(request) {
  const code = /<Code>(\w+)<\/Code>/.exec(request.responseText)?.[1] ?? "";
  if (request.status >= 500 || code === "SlowDown" || code === "RequestTimeout") return new Transient("S3 is busy.");
  if (request.status === 403 || code === "ExpiredToken") return new Stale("The upload was signed too long ago.");
  return new Refused(refusal(code));
}

// Who is there: the access code or token, kept for this tab, and the form that asks for it.

const KEPT = "access";
// What the sign-in was sent, and has to send back: without it, a link could sign people in as somebody else.
// https://datatracker.ietf.org/doc/html/rfc6749#section-10.12
const STATE = "sign-in-state";
const NOT_TAKEN = "The sign-in that came back does not belong to this tab, and was not taken. Sign in again.";

export class Access {
  #form = document.getElementById("access");
  #input = document.getElementById("code");
  #problem = document.getElementById("access-problem");
  #waiting = [];
  #token;
  #inside;

  /** `inside` is shown to those who have a code, the form to those who have none. */
  constructor(settings, inside) {
    this.#inside = inside;
    this.#token = settings.access === "token";
    const problem = this.#token ? this.#speakOfTokens(settings.signInUrl) : "";
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter(this.#input.value.trim());
    });
    if (this.code) this.#show(false);
    else this.#ask(problem);
  }

  get code() {
    return sessionStorage.getItem(KEPT) ?? "";
  }

  /** Forget a code that was refused, and resolve when there is another one. */
  refused(code) {
    if (code === this.code) {
      sessionStorage.removeItem(KEPT);
      const what = this.#token ? "Your sign-in has expired. Sign in again." : "This code was not accepted. Was it changed?";
      this.#ask(code ? what : "");
    }
    return this.code ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  #enter(code) {
    if (!code) return;
    sessionStorage.setItem(KEPT, code);
    this.#input.value = "";
    this.#show(false);
    document.getElementById("files").focus();
    this.#waiting.splice(0).forEach((resolve) => resolve());
  }

  #ask(problem = "") {
    this.#problem.textContent = problem;
    this.#problem.hidden = !problem;
    this.#show(true);
    this.#input.focus();
  }

  #show(form) {
    this.#form.hidden = !form;
    this.#inside.hidden = form;
  }

  #speakOfTokens(signInUrl) {
    document.getElementById("access-label").textContent = "Access token";
    document.getElementById("access-help").textContent =
      "Sign in, or enter a token that you were given. It is kept until you close this tab.";
    const place = document.getElementById("sign-in");
    place.hidden = !signInUrl;
    if (signInUrl) place.firstElementChild.addEventListener("click", () => leaveFor(signInUrl));
    return this.#take(new URLSearchParams(location.hash.slice(1)));
  }

  /** Take the token that the sign-in has put behind the address, and leave no trace of it there; return what is wrong. */
  #take(fragment) {
    const token = fragment.get("access_token") ?? fragment.get("id_token");
    if (!token && !fragment.has("error")) return "";
    const sent = sessionStorage.getItem(STATE);
    sessionStorage.removeItem(STATE);
    history.replaceState(null, "", location.pathname);
    if (!sent || fragment.get("state") !== sent) return NOT_TAKEN;
    if (!token) return `The sign-in was refused: ${fragment.get("error_description") ?? fragment.get("error")}.`;
    sessionStorage.setItem(KEPT, token);
    return "";
  }
}

/** Go to the sign-in with a state that only this tab knows. */
function leaveFor(signInUrl) {
  const state = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(STATE, state);
  const address = new URL(signInUrl);
  address.searchParams.set("state", state);
  location.assign(address);
}

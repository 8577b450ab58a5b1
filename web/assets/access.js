// Who is there: the access code or token, kept for this tab, and the form that asks for it.

const KEPT = "access";

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
    if (this.#token) this.#speakOfTokens(settings.signInUrl);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter(this.#input.value.trim());
    });
    if (this.code) this.#show(false);
    else this.#ask();
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
    if (signInUrl) place.firstElementChild.href = signInUrl;
    this.#take(new URLSearchParams(location.hash.slice(1)));
  }

  /** Take the token that the sign-in has put behind the address, and leave no trace of it there. */
  #take(fragment) {
    const token = fragment.get("access_token") ?? fragment.get("id_token");
    if (!token) return;
    sessionStorage.setItem(KEPT, token);
    history.replaceState(null, "", location.pathname);
  }
}

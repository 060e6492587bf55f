// <komo-poll>: votes without leaving the page. The answer is the page that a browser without scripts gets; its part with
// the results and the form takes the place of this one, so that nothing is drawn twice. Whatever goes wrong, the plain
// form does the same, and the play id makes it the same vote.
const policy = globalThis.trustedTypes?.createPolicy("komo-poll", { createHTML: (html) => html });

class KomoPoll extends HTMLElement {
  connectedCallback() {
    this.querySelector("form.komo-poll")?.addEventListener("submit", (event) => this.vote(event));
  }

  async vote(event) {
    const form = event.target;
    if (this.plain) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.setAttribute("aria-busy", "true");
    const button = form.querySelector("button[type=submit]");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "text/html" },
        credentials: "same-origin",
        signal: AbortSignal.timeout(20000),
      });
      const html = await answer.text();
      const page = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
      const old = this.closest("[data-body]");
      const next = page.querySelector("[data-body]");
      if (!old || !next || !page.getElementById(this.id)) throw new Error("the answer shows no poll");
      document.title = page.title;
      // A reload shows the results again instead of asking to send again.
      if (answer.ok && answer.redirected) history.replaceState(null, "", answer.url);
      old.dispatchEvent(new CustomEvent("komo:voted", { bubbles: true }));
      old.replaceChildren(...next.childNodes);
      (old.querySelector("[role=alert] ~ .answers input") ?? old.querySelector("h2"))?.focus();
    } catch {
      this.plain = true;
      this.busy = false;
      this.removeAttribute("aria-busy");
      form.requestSubmit(button);
    } finally {
      this.busy = false;
      this.removeAttribute("aria-busy");
    }
  }
}

customElements.define("komo-poll", KomoPoll);

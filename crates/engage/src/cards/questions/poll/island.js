// <komo-poll>: votes without leaving the page, and keeps the shares up to date. The answer to a vote is the page that a
// browser without scripts gets; its part with the results and the form takes the place of this one, so that nothing is
// drawn twice. An answer that shows no poll is left to the plain form: the play id makes it the same vote.
const policy = globalThis.trustedTypes?.createPolicy("komo-poll", { createHTML: (html) => html });
const EVERY = 5000;
const LONGEST = 10 * 60000;

class KomoPoll extends HTMLElement {
  connectedCallback() {
    this.querySelector("form.komo-poll")?.addEventListener("submit", (event) => this.vote(event));
    if (!this.dataset.stand) return;
    this.until = Date.now() + LONGEST;
    this.seen = () => this.next(0);
    document.addEventListener("visibilitychange", this.seen);
    this.next(EVERY);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }

  async vote(event) {
    const form = event.target;
    if (this.plain) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.setAttribute("aria-busy", "true");
    const say = this.querySelector(".say");
    say.textContent = "";
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "text/html" },
        signal: AbortSignal.timeout(20000),
      }).catch(() => 0);
      if (!answer) {
        say.textContent = this.dataset.unsent;
        return;
      }
      this.replace(answer, await answer.text());
    } catch {
      this.plain = true;
      form.requestSubmit();
    } finally {
      this.busy = false;
      this.removeAttribute("aria-busy");
    }
  }

  replace(answer, html) {
    const page = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
    const old = this.closest("[data-body]");
    const next = page.querySelector("[data-body]");
    if (!old || !next) throw new Error("the answer shows no card");
    document.title = page.title;
    // A reload shows the results again instead of asking to send again.
    if (answer.ok && answer.redirected) history.replaceState(null, "", answer.url);
    old.dispatchEvent(new CustomEvent("komo:voted", { bubbles: true }));
    if (answer.ok) old.closest(".card")?.classList.add("card-after");
    old.replaceChildren(...next.childNodes);
    const focus = old.querySelector("[role=alert] ~ .answers input") ?? old.querySelector("h2");
    focus?.focus({ preventScroll: true });
    focus?.scrollIntoView({ block: "nearest" });
  }

  /** Looks again in a while: only while somebody is looking, and not for ever. */
  next(wait) {
    clearTimeout(this.timer);
    if (!document.hidden && Date.now() < this.until) this.timer = setTimeout(() => this.look(), wait);
  }

  async look() {
    try {
      const answer = await fetch(this.dataset.stand, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(9000) });
      if (answer.status >= 400 && answer.status < 500) return;
      if (answer.ok) this.show((await answer.json()).results);
    } catch {
      // Without a connection the shares stay as they were.
    }
    this.next(EVERY);
  }

  show(rows) {
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
    let total = 0;
    for (const row of rows) {
      total += row.votes;
      const line = this.querySelector(`[data-option="${CSS.escape(row.option)}"]`);
      if (!line) continue;
      line.querySelector("b").textContent = percent.format(row.percent / 100);
      line.querySelector("rect").setAttribute("width", row.percent);
    }
    this.querySelector("[data-total]").textContent = total;
  }
}

customElements.define("komo-poll", KomoPoll);

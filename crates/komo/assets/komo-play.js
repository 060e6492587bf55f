// <komo-play>: plays without leaving the page. The answer to a move is the page that a browser without scripts gets; its part
// with the card takes the place of this one, so that nothing is drawn twice. An answer that shows no card is left to the plain
// form: the play's id and step make it the same move. Kinds that move something listen for `komo:answer` and hold the swap.
const policy = globalThis.trustedTypes?.createPolicy("komo-play", { createHTML: (html) => html });
const EVERY = 5000;
const LONGEST = 10 * 60000;
/** The play of this page that is not over yet, for who comes back without its address. */
const place = `komo:${location.pathname}`;

class KomoPlay extends HTMLElement {
  connectedCallback() {
    if (this.resume()) return;
    this.addEventListener("submit", (event) => this.send(event));
    this.live = this.querySelector("[data-stand]");
    if (!this.live) return;
    this.until = Date.now() + LONGEST;
    this.seen = () => this.next(0);
    document.addEventListener("visibilitychange", this.seen);
    this.next(EVERY);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }

  /** Goes on where an unfinished play was left. */
  resume() {
    const address = new URL(location.href);
    const play = address.searchParams.get("play");
    try {
      if (this.dataset.stage === "open" && play) localStorage.setItem(place, play);
      else if (this.dataset.stage === "done" || play) localStorage.removeItem(place);
      const left = !play && localStorage.getItem(place);
      if (!left) return false;
      // Only once: should that play be gone, the fresh page is right.
      localStorage.removeItem(place);
      address.searchParams.set("play", left);
      location.replace(address);
      return true;
    } catch {
      // Without storage there is nothing to resume.
      return false;
    }
  }

  async send(event) {
    const form = event.target;
    if (this.plain) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.setAttribute("aria-busy", "true");
    const say = this.say(form);
    say.textContent = "";
    try {
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST",
        body: new URLSearchParams(new FormData(form, event.submitter)),
        headers: { Accept: "text/html" },
        signal: AbortSignal.timeout(20000),
      }).catch(() => 0);
      if (!answer) {
        say.textContent = this.dataset.unsent;
        return;
      }
      const html = await answer.text();
      const page = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
      if (!page.querySelector("[data-body]")) throw new Error("the answer shows no card");
      await this.animate(page);
      this.replace(answer, page);
    } catch {
      this.plain = true;
      form.requestSubmit(event.submitter);
    } finally {
      this.busy = false;
      this.removeAttribute("aria-busy");
    }
  }

  /** Where it is said that there is no connection. */
  say(form) {
    let say = form.querySelector(".say");
    if (!say) {
      say = document.createElement("p");
      say.className = "say";
      say.setAttribute("role", "status");
      form.append(say);
    }
    return say;
  }

  /** What the kind wants to show before the answer stands there. */
  async animate(page) {
    const held = [];
    this.dispatchEvent(new CustomEvent("komo:answer", { detail: { page, hold: (until) => held.push(until) } }));
    await Promise.allSettled(held);
  }

  replace(answer, page) {
    const old = this.closest("[data-body]");
    document.title = page.title;
    // A reload shows the same again instead of asking to send again.
    if (answer.ok && answer.redirected) history.replaceState(null, "", answer.url);
    old.dispatchEvent(new CustomEvent("komo:moved", { bubbles: true }));
    if (page.querySelector(".card-after")) old.closest(".card")?.classList.add("card-after");
    old.replaceChildren(...page.querySelector("[data-body]").childNodes);
    const focus =
      old.querySelector("[role=alert]")?.closest("form")?.querySelector("input:not([type=hidden]), select, textarea, button") ??
      old.querySelector(".face h2, .face fieldset[tabindex], h2");
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
      const answer = await fetch(this.live.dataset.stand, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(9000) });
      if (answer.status >= 400 && answer.status < 500) return;
      if (answer.ok) this.show((await answer.json()).results);
    } catch {
      // Without a connection the shares stay as they were.
    }
    this.next(EVERY);
  }

  show(rows) {
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
    const totals = {};
    for (const { question, option, votes, percent: share } of rows) {
      totals[question] = (totals[question] ?? 0) + votes;
      const line = this.querySelector(`[data-question="${CSS.escape(question)}"][data-option="${CSS.escape(option)}"]`);
      if (!line) continue;
      line.querySelector("b").textContent = percent.format(share / 100);
      line.querySelector("rect").setAttribute("width", share);
    }
    for (const total of this.querySelectorAll("[data-total]")) {
      // A card of one question need not name it.
      total.textContent = totals[total.dataset.total || Object.keys(totals)[0]] ?? 0;
    }
  }
}

customElements.define("komo-play", KomoPlay);

// Ticks once a second, by the server's time: the page says how much was left. When nothing is left, the page is asked for what
// comes then; a form that somebody is filling in beside it is not touched.
const policy = globalThis.trustedTypes?.createPolicy("komo-countdown", { createHTML: (html) => html });
const UNITS = { days: [86400, Infinity], hours: [3600, 24], minutes: [60, 60], seconds: [1, 60] };

class Countdown extends HTMLElement {
  connectedCallback() {
    this.until = performance.now() + Number(this.dataset.left);
    this.tick();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  tick() {
    const left = this.until - performance.now();
    const seconds = Math.max(0, Math.ceil(left / 1000));
    for (const [name, [size, most]] of Object.entries(UNITS)) this.show(name, Math.floor(seconds / size) % most);
    if (left > 0) this.timer = setTimeout(() => this.tick(), left % 1000 || 1000);
    // Not all at once, and later than the copy of the page that may still be kept.
    else this.timer = setTimeout(() => this.arrive(), 4000 + Math.random() * 4000);
  }

  show(name, value) {
    const place = this.querySelector(`[data-unit="${name}"]`);
    const text = String(value);
    if (!place || place.textContent === text) return;
    place.textContent = text;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    place.animate({ translate: ["0 -22%", "0 4%", "0 0"] }, { duration: 320, easing: "cubic-bezier(.2, .9, .3, 1)" });
  }

  async arrive() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(15000) });
      const html = await answer.text();
      const page = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
      const next = page.querySelector("komo-countdown, .countdown-after");
      if (answer.ok && next) return this.replaceWith(document.importNode(next, true));
    } catch {
      // Without a connection it is tried again.
    }
    this.timer = setTimeout(() => this.arrive(), 15000);
  }
}

if (!customElements.get("komo-countdown")) customElements.define("komo-countdown", Countdown);

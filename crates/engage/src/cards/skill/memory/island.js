// Turns cards over before one's eyes, and keeps the focus on the card that was chosen. Which picture a card has comes with the
// server's answer, and not before.
let chosen = null;

class Memory extends Island {
  ready() {
    this.addEventListener("submit", ({ submitter }) => (chosen = submitter?.dataset.place ?? null));
    if (chosen === null) return;
    // After the page has moved the focus to its heading.
    queueMicrotask(() => this.querySelector(`[data-place="${CSS.escape(chosen)}"]`)?.focus({ preventScroll: true }));
  }

  answered({ page, hold }) {
    const turns = [];
    for (const card of this.querySelectorAll("[data-place]")) {
      const next = page.querySelector(`[data-place="${CSS.escape(card.dataset.place)}"]`);
      const up = card.classList.contains("memory-up");
      const mine = card.dataset.place === chosen || up;
      if (next && mine && next.classList.contains("memory-up") !== up) turns.push(this.turn(card, next, up));
    }
    hold(Promise.all(turns));
  }

  async turn(card, next, up) {
    const away = card.animate(
      { transform: ["perspective(40rem) rotateY(0)", "perspective(40rem) rotateY(90deg) scale(1.06)"] },
      { duration: up ? 110 : 150, easing: "ease-in" },
    );
    await away.finished.catch(() => {});
    card.classList.toggle("memory-up", !up);
    card.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
    const back = card.animate(
      { transform: ["perspective(40rem) rotateY(-90deg) scale(1.06)", "perspective(40rem) rotateY(0)"] },
      { duration: 220, easing: "cubic-bezier(.2, 1.5, .4, 1)" },
    );
    await back.finished.catch(() => {});
  }
}

customElements.define("komo-memory", Memory);

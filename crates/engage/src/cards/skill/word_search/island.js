// A line drawn over the letters, or two letters tapped, becomes one post with both ends. The server says whether it is a word.
let last = null;

class Search extends Island {
  ready() {
    this.field = this.querySelector(".search");
    if (!this.field) return;
    this.side = Number(this.field.dataset.side);
    this.cells = [...this.field.children];
    this.form = this.querySelector(".search-form");
    this.first = this.cells.findIndex((it) => it.classList.contains("search-first"));
    if (last !== null) queueMicrotask(() => this.cells[last]?.focus({ preventScroll: true }));
    this.field.addEventListener("pointerdown", (event) => {
      this.from = this.at(event);
      // So that the line follows the finger over other letters too.
      if (this.from >= 0) this.field.setPointerCapture(event.pointerId);
    });
    this.field.addEventListener("pointermove", (event) => this.from >= 0 && this.mark(this.from, this.at(event)));
    this.field.addEventListener("pointerup", (event) => {
      const [from, to] = [this.from, this.at(event)];
      this.from = -1;
      this.mark(-1, -1);
      if (from < 0 || to < 0) return;
      if (from === to) this.tap(to);
      else this.send(from, to);
    });
    this.field.addEventListener("pointercancel", () => {
      this.from = -1;
      this.mark(-1, -1);
    });
    // Fingers and mice are heard above; what is left is the keyboard, whose clicks have no place.
    this.field.addEventListener("click", (event) => {
      event.preventDefault();
      if (event.detail === 0) this.tap(this.cells.indexOf(event.target.closest("[data-cell]")));
    });
    this.field.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.side, ArrowDown: this.side }[event.key];
      const next = step && this.cells[this.cells.indexOf(document.activeElement) + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    });
  }

  at({ clientX, clientY }) {
    return this.cells.indexOf(document.elementFromPoint(clientX, clientY)?.closest("[data-cell]"));
  }

  tap(cell) {
    if (cell < 0) return;
    last = cell;
    if (this.first >= 0 && this.first !== cell) return this.send(this.first, cell);
    this.cells[cell].classList.toggle("search-first");
    this.first = this.first === cell ? -1 : cell;
  }

  line(from, to) {
    if (from < 0 || to < 0) return [];
    const down = Math.floor(to / this.side) - Math.floor(from / this.side);
    const right = (to % this.side) - (from % this.side);
    if (down && right && Math.abs(down) !== Math.abs(right)) return [];
    const step = Math.sign(down) * this.side + Math.sign(right);
    return Array.from({ length: Math.max(Math.abs(down), Math.abs(right)) + 1 }, (_, n) => from + n * step);
  }

  mark(from, to) {
    const line = this.line(from, to);
    this.cells.forEach((cell, at) => cell.classList.toggle("search-line", line.includes(at)));
  }

  send(from, to) {
    last = to;
    this.sent = this.line(from, to);
    // A first letter that the server knows already, from a page without this module, is taken back.
    const known = this.cells.findIndex((it) => it.classList.contains("search-first") && it.ariaPressed === "true");
    this.form.elements.moves[0].value = [...(known >= 0 ? [known] : []), from, to].join(",");
    this.form.requestSubmit();
  }

  answered({ page, hold }) {
    const cells = this.sent?.map((at) => this.cells[at]) ?? [];
    if (!cells.length) return;
    const now = [...page.querySelectorAll("[data-cell]")];
    const right = !now.length || this.sent.every((at) => now[at]?.classList.contains("search-found"));
    const frames = right ? { scale: [1, 1.22, 1] } : { translate: ["0", "-4px", "4px", "-2px", "0"] };
    if (right) for (const cell of cells) cell.classList.add("search-found");
    const moving = cells.map((cell, n) => cell.animate(frames, { duration: 260, delay: right ? n * 45 : 0, easing: "ease-out" }).finished);
    hold(Promise.all(moving).catch(() => {}));
  }
}

customElements.define("komo-word-search", Search);

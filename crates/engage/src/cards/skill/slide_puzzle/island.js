// Slides pieces under the finger or by the arrow keys. All moves go to the server in one post once the picture is whole (or the
// game is finished early): it plays them again by the same rules.
const ARROWS = { ArrowLeft: [0, 1], ArrowRight: [0, -1], ArrowUp: [1, 0], ArrowDown: [-1, 0] };
const MOST = 900;

class Slide extends Island {
  ready() {
    this.field = this.querySelector(".slide[data-side]");
    if (!this.field) return;
    this.side = Number(this.field.dataset.side);
    this.moves = [];
    // Without this module a page has one slide; here every piece may become the next.
    for (const piece of this.field.querySelectorAll("button")) piece.disabled = false;
    this.field.addEventListener("click", (event) => {
      const piece = event.target.closest("button[data-piece]");
      if (!piece) return;
      event.preventDefault();
      this.slide(piece);
    });
    this.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      const piece = way && this.beside(...way);
      if (!piece) return;
      event.preventDefault();
      this.slide(piece);
      piece.focus({ preventScroll: true });
    });
    this.addEventListener("submit", ({ target }) => {
      const gathered = target.querySelector('input[name="moves"]');
      if (gathered) gathered.value = this.moves.join(",");
    });
  }

  places() {
    return [...this.field.children];
  }

  /** The piece that lies so many rows and columns from the gap. */
  beside(rows, columns) {
    const places = this.places();
    const gap = places.findIndex((it) => it.dataset.piece === "0");
    const row = Math.floor(gap / this.side) + rows;
    const column = (gap % this.side) + columns;
    if (row < 0 || column < 0 || row >= this.side || column >= this.side) return null;
    return places[row * this.side + column];
  }

  slide(piece) {
    if (this.done) return;
    const gap = this.field.querySelector('[data-piece="0"]');
    const near = Object.values(ARROWS).map((way) => this.beside(...way));
    if (!near.includes(piece)) {
      if (!this.calm) piece.animate({ translate: ["0", "-3px", "3px", "-2px", "0"] }, { duration: 180 });
      return;
    }
    const before = piece.getBoundingClientRect();
    const focused = piece === document.activeElement;
    const mark = document.createComment("");
    piece.replaceWith(mark);
    gap.replaceWith(piece);
    mark.replaceWith(gap);
    if (focused) piece.focus({ preventScroll: true });
    const after = piece.getBoundingClientRect();
    this.moves.push(piece.dataset.piece);
    for (const other of this.field.querySelectorAll(".slide-free")) other.classList.remove("slide-free");
    for (const way of Object.values(ARROWS)) this.beside(...way)?.classList.add("slide-free");
    const whole = this.places().every((it, at) => Number(it.dataset.piece) === (at + 1) % this.side ** 2);
    this.done = whole || this.moves.length >= MOST;
    const moving = this.calm
      ? Promise.resolve()
      : piece.animate(
          { translate: [`${before.left - after.left}px ${before.top - after.top}px`, "0 0"] },
          { duration: 170, easing: "cubic-bezier(.2, .9, .25, 1.12)" },
        ).finished;
    if (this.done) moving.catch(() => {}).then(() => this.querySelector(".slide-form").requestSubmit());
  }
}

customElements.define("komo-slide-puzzle", Slide);

// Shows in the row what is typed, types what is tapped on the keys, and turns the letters of a guess one after the other.
class Guess extends Island {
  ready() {
    this.box = this.querySelector(".guess-box");
    this.now = this.querySelector(".guess-now");
    if (!this.box) return;
    // The keys of the page are enough; those of the phone would cover them.
    if (matchMedia("(pointer: coarse)").matches) this.box.inputMode = "none";
    this.box.addEventListener("input", () => this.show());
    this.querySelector(".guess-keys").addEventListener("click", ({ target }) => this.type(target.closest("[data-key]")));
    this.querySelector(".guess-keys").classList.add("guess-live");
    // A word is typed into the row, wherever the focus is in the game.
    queueMicrotask(() => this.querySelector(".guess-row:not(.guess-now)[data-row]") && this.box.focus({ preventScroll: true }));
  }

  type(key) {
    if (!key || [...this.box.value].length >= 5) return;
    this.box.value += key.dataset.key;
    if (!this.calm) key.animate({ scale: [1, 0.88, 1] }, { duration: 140 });
    this.show();
  }

  show() {
    const letters = [...this.box.value.trim().toUpperCase()];
    [...this.now.children].forEach((cell, at) => {
      const letter = letters[at] ?? "";
      if (cell.textContent === letter) return;
      cell.textContent = letter;
      cell.classList.toggle("guess-typed", letter !== "");
      if (letter && !this.calm) cell.animate({ scale: [1, 1.12, 1] }, { duration: 120 });
    });
  }

  answered({ page, hold }) {
    const row = [...page.querySelectorAll(".guess [data-row]")].at(-1);
    const known = this.querySelectorAll(".guess [data-row]").length;
    if (!this.now || !row || page.querySelectorAll(".guess [data-row]").length <= known) {
      if (this.now) hold(this.now.animate({ translate: ["0", "-7px", "6px", "-3px", "0"] }, { duration: 300 }).finished);
      return;
    }
    hold(Promise.all([...this.now.children].map((cell, at) => this.turn(cell, row.children[at], at * 190))));
  }

  async turn(cell, next, delay) {
    const half = { duration: 150, easing: "ease-in", delay };
    await cell.animate({ transform: ["rotateX(0)", "rotateX(90deg)"] }, half).finished.catch(() => {});
    cell.className = next.className;
    cell.textContent = next.firstElementChild.textContent;
    await cell.animate({ transform: ["rotateX(-90deg)", "rotateX(0)"] }, { duration: 190, easing: "ease-out" }).finished.catch(() => {});
  }
}

customElements.define("komo-word-guess", Guess);

// Shows the signal after the wait that the server drew for this round, and takes the time of the tap. The server's own clock
// decides what can be true of it.
let played = false;

class Reaction extends Island {
  ready() {
    this.pad = this.querySelector(".reaction-pad");
    if (!this.pad) return;
    this.form = this.querySelector(".reaction-form");
    this.word = this.pad.querySelector(".reaction-word");
    this.waiting = setTimeout(() => this.signal(), Number(this.pad.dataset.wait));
    this.pad.addEventListener("pointerdown", () => this.tap());
    this.pad.addEventListener("keydown", (event) => {
      if (event.repeat || (event.key !== " " && event.key !== "Enter")) return;
      event.preventDefault();
      this.tap();
    });
    this.pad.addEventListener("click", (event) => {
      event.preventDefault();
      // A click without finger or key comes from a help for clicking.
      if (event.detail === 0) this.tap();
    });
    if (played) queueMicrotask(() => this.pad.focus({ preventScroll: true }));
    played = true;
  }

  gone() {
    clearTimeout(this.waiting);
  }

  signal() {
    requestAnimationFrame(() => {
      this.shown = performance.now();
      this.pad.classList.add("reaction-now");
      this.word.textContent = this.pad.dataset.now;
    });
  }

  tap() {
    if (this.tapped) return;
    this.tapped = true;
    clearTimeout(this.waiting);
    const time = this.shown && Math.round(performance.now() - this.shown);
    this.pad.classList.add(time ? "reaction-caught" : "reaction-lost");
    if (!time) this.word.textContent = this.pad.dataset.early;
    else this.word.textContent = `${time} ms`;
    this.form.elements.moves.value = time >= 100 ? time : "early";
    this.form.requestSubmit();
  }

  answered({ hold }) {
    // So that the own time can be read, and the next round does not begin at once.
    if (this.tapped) hold(new Promise((resolve) => setTimeout(resolve, 700)));
  }
}

customElements.define("komo-reaction", Reaction);

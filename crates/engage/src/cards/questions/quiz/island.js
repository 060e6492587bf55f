// Counts down what is left for a question. The server decides what is late; without this module the words say how long there is.
// What counts is said once, ten seconds before the end, and at the end.
const SOON = 10;

class QuizClock extends HTMLElement {
  connectedCallback() {
    this.ends = performance.now() + Number(this.dataset.left);
    this.words = this.querySelector(".clock-words");
    this.say = this.querySelector("[role=status]");
    this.bar = this.querySelector("rect");
    this.soon = Number(this.dataset.left) > SOON * 1000;
    this.tick();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  tick() {
    const left = Math.max(0, this.ends - performance.now());
    const seconds = String(Math.ceil(left / 1000));
    this.words.textContent = this.words.textContent.replace(/\d+/, seconds);
    this.bar.setAttribute("width", Math.min(100, left / (10 * Number(this.dataset.seconds))));
    if (!left) {
      this.say.textContent = this.dataset.over;
      return;
    }
    if (this.soon && left <= SOON * 1000) {
      this.soon = false;
      this.say.textContent = this.dataset.soon;
    }
    this.timer = setTimeout(() => this.tick(), 200);
  }
}

customElements.define("komo-quiz", QuizClock);

// Lays a cover over the hidden field that can be scratched away. The first scratch asks the server; only then is there
// something below. The button does the same at once, and is all there is without this module.
const ENOUGH = 0.45;
const PATIENCE = 8000;

class Scratch extends Island {
  ready() {
    this.field = this.querySelector(".scratch");
    if (!this.around || !this.field || this.calm) return;
    this.form = this.querySelector("form");
    this.cover();
  }

  gone() {
    clearTimeout(this.waiting);
  }

  cover() {
    const words = this.field.querySelector(".scratch-cover");
    const look = getComputedStyle(words);
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    if (!pen) return;
    const scale = devicePixelRatio || 1;
    const { width, height } = this.field.getBoundingClientRect();
    canvas.width = Math.max(1, width * scale);
    canvas.height = Math.max(1, height * scale);
    canvas.setAttribute("aria-hidden", "true");
    pen.scale(scale, scale);
    pen.fillStyle = look.backgroundColor;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = look.color;
    pen.globalAlpha = 0.09;
    for (let x = -height; x < width; x += 34) {
      pen.beginPath();
      pen.moveTo(x, height);
      pen.lineTo(x + 17, height);
      pen.lineTo(x + 17 + height, 0);
      pen.lineTo(x + height, 0);
      pen.fill();
    }
    pen.globalAlpha = 1;
    pen.font = look.font;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(words.textContent.trim(), width / 2, height / 2, width - 32);
    pen.globalCompositeOperation = "destination-out";
    pen.lineWidth = 44;
    pen.lineCap = pen.lineJoin = "round";
    this.pen = pen;
    this.canvas = canvas;
    this.field.append(canvas);
    this.field.classList.add("scratch-ready");
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.scratch(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.lift());
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  begin(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.at(event);
    this.scratch(event);
    if (this.asked) return;
    this.asked = this.byHand = true;
    this.form.requestSubmit();
  }

  scratch(event) {
    if (!this.last) return;
    const to = this.at(event);
    this.pen.beginPath();
    this.pen.moveTo(...this.last);
    this.pen.lineTo(...to);
    this.pen.stroke();
    this.last = to;
  }

  lift() {
    this.last = null;
    if (this.done && this.bare() > ENOUGH) this.done();
  }

  // The share that is scratched away, from a grid of samples.
  bare() {
    const { width, height } = this.canvas;
    const { data } = this.pen.getImageData(0, 0, width, height);
    let [seen, bare] = [0, 0];
    for (let at = 3; at < data.length; at += 4 * 97) {
      seen += 1;
      if (data[at] < 128) bare += 1;
    }
    return bare / seen;
  }

  answered({ page, hold }) {
    const title = page.querySelector(".chance-end .face-title");
    if (!title || !this.canvas) {
      // Refused: the next scratch asks again.
      this.asked = false;
      return;
    }
    this.field.querySelector(".scratch-below").textContent = title.textContent;
    const open = () => {
      this.field.classList.add("scratch-open");
      return new Promise((resolve) => setTimeout(resolve, 700));
    };
    if (!this.byHand) {
      hold(open());
      return;
    }
    const scratched = new Promise((resolve) => {
      this.done = resolve;
      this.waiting = setTimeout(resolve, PATIENCE);
    });
    hold(scratched.then(open));
  }
}

customElements.define("komo-scratch-and-win", Scratch);

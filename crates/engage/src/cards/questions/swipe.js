// Two answers, left and right, with a thing between them that can be thrown to either side: by finger or mouse, by the arrow
// keys, or by the two buttons, which are all there is without this module. What is let go of half-way comes back.
const FAR = 0.3;
const FAST = 0.55;
const HALF = 500;

class Swipe extends HTMLElement {
  connectedCallback() {
    this.around = this.closest("komo-play");
    this.form = this.querySelector("form");
    this.thing = this.querySelector("[data-swipe]");
    const sides = [...this.querySelectorAll("[data-side]")];
    if (!this.around || !this.thing || sides.length !== 2) return;
    // By where they stand, so that it is right in languages that are read from the right, too.
    const [first, second] = sides.map((side) => side.getBoundingClientRect().left);
    this.sides = first <= second ? sides : [...sides].reverse();
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.ends = new AbortController();
    const { signal } = this.ends;
    this.around.addEventListener("komo:answer", (event) => this.answered(event), { signal });
    this.form.addEventListener("submit", (event) => this.leave(this.sides.indexOf(event.submitter)), { signal });
    document.addEventListener("keydown", (event) => this.key(event), { signal });
    // Nothing came back: the thing does.
    this.busy = new MutationObserver(() => this.around.hasAttribute("aria-busy") || this.back());
    this.busy.observe(this.around, { attributeFilter: ["aria-busy"] });
    if (this.still) return;
    this.thing.addEventListener("pointerdown", (event) => this.take(event), { signal });
    this.thing.addEventListener("pointermove", (event) => this.drag(event), { signal });
    this.thing.addEventListener("pointerup", (event) => this.release(event), { signal });
    this.thing.addEventListener("pointercancel", () => this.drop(), { signal });
  }

  disconnectedCallback() {
    this.ends?.abort();
    this.busy?.disconnect();
  }

  choose(side) {
    if (!this.around.hasAttribute("aria-busy")) this.form.requestSubmit(this.sides[side]);
  }

  key(event) {
    const side = ["ArrowLeft", "ArrowRight"].indexOf(event.key);
    const at = document.activeElement;
    if (side < 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
    if (at !== document.body && !this.contains(at)) return;
    event.preventDefault();
    this.choose(side);
  }

  take(event) {
    if (event.button || !event.isPrimary || this.around.hasAttribute("aria-busy")) return;
    this.from = { x: event.clientX, y: event.clientY, at: event.timeStamp, width: Math.max(1, this.thing.offsetWidth) };
  }

  drag(event) {
    if (!this.from) return;
    const x = event.clientX - this.from.x;
    if (!this.dragged) {
      // A tap trembles.
      if (Math.abs(x) < 8) return;
      this.thing.setPointerCapture(event.pointerId);
      this.begin();
    }
    this.dragged = x / this.from.width;
    this.motion.currentTime = HALF + Math.max(-1, Math.min(1, this.dragged)) * HALF;
    this.lean(Math.abs(this.dragged) > FAR / 2 ? Number(this.dragged > 0) : -1);
  }

  release(event) {
    if (!this.from || !this.dragged) return this.drop();
    const speed = (event.clientX - this.from.x) / Math.max(1, event.timeStamp - this.from.at);
    const thrown = Math.abs(this.dragged) > FAR || (Math.abs(speed) > FAST && Math.abs(this.dragged) > FAR / 3);
    const side = Number(this.dragged > 0);
    if (!thrown) return this.drop();
    this.from = this.dragged = undefined;
    this.choose(side);
  }

  drop() {
    this.from = this.dragged = undefined;
    this.back();
  }

  /** The way from the far left to the far right, of which a finger shows one moment. */
  begin() {
    if (this.motion || this.still) return;
    const way = ["translateX(-130%) rotate(-16deg)", "none", "translateX(130%) rotate(16deg)"];
    this.motion = this.thing.animate({ transform: way }, { duration: 2 * HALF, fill: "both" });
    this.motion.pause();
    this.motion.currentTime = HALF;
  }

  lean(side) {
    this.sides.forEach((button, at) => button.classList.toggle("leans", at === side));
    this.toggleAttribute("data-left", side === 0);
    this.toggleAttribute("data-right", side === 1);
  }

  /** On its way to a side; it waits there a little for the answer. */
  leave(side) {
    if (side < 0) return;
    this.side = side;
    this.lean(side);
    this.begin();
  }

  answered({ detail }) {
    if (!this.motion || this.side === undefined) return;
    this.motion.updatePlaybackRate(this.side ? 2.2 : -2.2);
    this.motion.play();
    detail.hold(this.motion.finished.catch(() => {}));
  }

  back() {
    if (!this.sides || !this.isConnected) return;
    this.lean(-1);
    this.side = undefined;
    if (!this.motion) return;
    const { transform } = getComputedStyle(this.thing);
    this.motion.cancel();
    this.motion = undefined;
    this.thing.animate({ transform: [transform, "none"] }, { duration: 420, easing: "cubic-bezier(.2, 1.5, .4, 1)" });
  }
}

customElements.define("komo-swipe", Swipe);

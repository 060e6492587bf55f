// Turns the wheel to where the server says that it has stopped. Without this module the answered page shows it there.
const TURNS = 5;

class Wheel extends HTMLElement {
  connectedCallback() {
    this.around = this.closest("komo-play");
    this.heard = (event) => this.answered(event);
    this.around?.addEventListener("komo:answer", this.heard);
  }

  disconnectedCallback() {
    this.around?.removeEventListener("komo:answer", this.heard);
  }

  answered({ detail }) {
    const stop = Number(detail.page.querySelector("[data-stop]")?.dataset.stop);
    const disc = this.querySelector(".wheel-disc");
    if (!disc || !Number.isFinite(stop) || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const turning = disc.animate(
      { transform: ["rotate(0deg)", `rotate(${TURNS * 360 + stop}deg)`] },
      { duration: 4200, easing: "cubic-bezier(.12, .7, .1, 1)", fill: "forwards" },
    );
    detail.hold(turning.finished.catch(() => {}));
  }
}

customElements.define("komo-spin-to-win", Wheel);

// Turns the wheel to where the server says that it has stopped. Without this module the answered page shows it there.
const TURNS = 5;

class Wheel extends Island {
  answered({ page, hold }) {
    const stop = Number(page.querySelector("[data-stop]")?.dataset.stop);
    const disc = this.querySelector(".wheel-disc");
    if (!disc || !Number.isFinite(stop)) return;
    const turning = disc.animate(
      { transform: ["rotate(0deg)", `rotate(${TURNS * 360 + stop}deg)`] },
      { duration: 4200, easing: "cubic-bezier(.12, .7, .1, 1)", fill: "forwards" },
    );
    hold(turning.finished.catch(() => {}));
  }
}

customElements.define("komo-spin-to-win", Wheel);

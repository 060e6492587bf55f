// Spins the three reels, which stop one after the other at what the server says. Without this module the answered page shows
// where they have stopped.
const STOPS = [1300, 1800, 2300];
const PER_SYMBOL = 70;

class Slots extends Island {
  answered({ page, hold }) {
    const symbols = [...page.querySelectorAll("[data-symbol]")].map((it) => it.textContent);
    const reels = [...this.querySelectorAll("[data-reel]")];
    if (symbols.length !== reels.length) return;
    hold(Promise.all(reels.map((reel, at) => this.spin(reel, symbols[at], STOPS[at]))));
  }

  async spin(reel, symbol, duration) {
    const strip = reel.querySelector(".reel-strip");
    const show = reel.querySelector(".reel-show");
    const symbols = strip.children.length;
    // The first one once more at the end, so that the strip closes.
    strip.append(strip.firstElementChild.cloneNode(true));
    reel.classList.add("reel-spins");
    const round = symbols * PER_SYMBOL;
    const turning = strip.animate(
      { transform: [`translateY(-${symbols * 100}%)`, "translateY(0)"] },
      { duration: round, iterations: Math.max(1, Math.round(duration / round)) },
    );
    await turning.finished.catch(() => {});
    show.textContent = symbol;
    reel.classList.remove("reel-spins");
    const landing = show.animate(
      { transform: ["translateY(-60%)", "translateY(8%)", "none"] },
      { duration: 320, easing: "ease-out" },
    );
    await landing.finished.catch(() => {});
  }
}

customElements.define("komo-slot-machine", Slots);

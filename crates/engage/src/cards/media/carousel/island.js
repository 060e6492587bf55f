// Buttons for leafing through; the row itself scrolls without them.
class Carousel extends HTMLElement {
  connectedCallback() {
    this.row = this.querySelector(".carousel-row");
    this.buttons = [...this.querySelectorAll("[data-step]")];
    for (const button of this.buttons) button.addEventListener("click", () => this.go(Number(button.dataset.step)));
    this.row.addEventListener("scroll", () => this.mark(), { passive: true });
    this.mark();
  }
  go(step) {
    const first = this.row.firstElementChild, second = first?.nextElementSibling;
    if (!second) return;
    // The distance of two pictures; from right to left it is negative, as scrolling is.
    this.row.scrollBy({ left: step * (second.offsetLeft - first.offsetLeft) });
  }
  mark() {
    const gone = Math.abs(this.row.scrollLeft), room = this.row.scrollWidth - this.row.clientWidth;
    for (const button of this.buttons) {
      const end = button.dataset.step === "1" ? gone >= room - 2 : gone <= 2;
      button.setAttribute("aria-disabled", String(end));
    }
  }
}
if (!customElements.get("komo-carousel")) customElements.define("komo-carousel", Carousel);

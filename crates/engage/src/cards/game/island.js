// What the islands of games share: they hear the answer before it stands on the page, and may hold it while something moves.
// Who asked for less motion is shown the answer at once.
class Island extends HTMLElement {
  connectedCallback() {
    this.around = this.closest("komo-play");
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.heard = ({ detail }) => this.calm || this.answered?.(detail);
    this.around?.addEventListener("komo:answer", this.heard);
    this.ready?.();
  }

  disconnectedCallback() {
    this.around?.removeEventListener("komo:answer", this.heard);
    this.gone?.();
  }
}


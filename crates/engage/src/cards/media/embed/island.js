// Makes the frame when somebody has asked for it, and not before. Without this module there is the link.
class Embed extends HTMLElement {
  connectedCallback() {
    this.querySelector(".embed-show")?.addEventListener("click", () => this.show());
  }

  show() {
    const stage = this.querySelector(".embed-stage");
    const frame = document.createElement("iframe");
    frame.src = stage.dataset.frame;
    frame.title = stage.dataset.title;
    frame.allow = "fullscreen; picture-in-picture; encrypted-media; autoplay";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    for (const right of ["allow-scripts", "allow-same-origin", "allow-presentation", "allow-popups", "allow-popups-to-escape-sandbox"]) frame.sandbox.add(right);
    frame.tabIndex = 0;
    stage.replaceChildren(frame);
    stage.classList.add("embed-open");
    frame.focus();
  }
}

if (!customElements.get("komo-embed")) customElements.define("komo-embed", Embed);

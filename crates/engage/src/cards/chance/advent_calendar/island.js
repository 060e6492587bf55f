// Swings the chosen door open before what is behind it stands on the page.
class Calendar extends Island {
  ready() {
    this.addEventListener("submit", ({ submitter }) => (this.door = submitter));
  }

  answered({ page, hold }) {
    const leaf = this.door?.querySelector(".door-leaf");
    if (!leaf || page.querySelector("[role=alert]")) return;
    const swing = leaf.animate(
      { transform: ["perspective(26rem) rotateY(0)", "perspective(26rem) rotateY(-104deg)", "perspective(26rem) rotateY(-96deg)"], offset: [0, 0.8, 1] },
      { duration: 760, easing: "cubic-bezier(.45, 0, .2, 1)", fill: "forwards" },
    );
    hold(swing.finished.catch(() => {}));
  }
}

customElements.define("komo-advent-calendar", Calendar);

// Ranks by moving up and down: the list stands in its order, and each line has two buttons. The places are still those of the
// selects, which are all there is without this module.
class Survey extends HTMLElement {
  connectedCallback() {
    for (const list of this.querySelectorAll(".ranks")) this.rank(list);
  }

  rank(list) {
    const select = (line) => line.querySelector("select");
    const lines = [...list.children];
    const chosen = lines.some((line) => select(line).value);
    // What has no place yet stays behind what has one.
    lines.sort((one, other) => (Number(select(one).value) || 99) - (Number(select(other).value) || 99));
    list.append(...lines);
    list.classList.add("ranks-live");
    for (const line of lines) {
      const label = line.querySelector("label").textContent;
      const place = document.createElement("b");
      place.className = "rank-place";
      line.prepend(place);
      for (const [step, words] of [[-1, this.dataset.up], [1, this.dataset.down]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = step < 0 ? "rank-up" : "rank-down";
        button.setAttribute("aria-label", `${words}: ${label}`);
        button.addEventListener("click", () => this.move(list, line, step, button));
        line.append(button);
      }
    }
    // Where an order is asked for, the one that is seen is one.
    this.number(list, chosen || list.hasAttribute("data-required"));
  }

  move(list, line, step, button) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    const before = [line, other].map((it) => it.getBoundingClientRect().top);
    if (step < 0) other.before(line);
    else other.after(line);
    this.number(list, true);
    button.focus();
    if (still) return;
    [line, other].forEach((it, at) => {
      const by = before[at] - it.getBoundingClientRect().top;
      it.animate({ translate: [`0 ${by}px`, "0 0"] }, { duration: 220, easing: "cubic-bezier(.2, 1, .4, 1)" });
    });
  }

  number(list, fill) {
    [...list.children].forEach((line, at, all) => {
      line.querySelector(".rank-place").textContent = fill ? at + 1 : "";
      if (fill) line.querySelector("select").value = at + 1;
      line.querySelector(".rank-up").setAttribute("aria-disabled", at === 0);
      line.querySelector(".rank-down").setAttribute("aria-disabled", at === all.length - 1);
    });
  }
}

customElements.define("komo-survey", Survey);

// Keeps a page live: on news from the stream it fetches itself anew and swaps the parts marked data-live.
// Without it the page is the same, only that it has to be reloaded.
(() => {
  const live = document.getElementById("live");
  const say = (text, on) => {
    live.hidden = false;
    live.classList.toggle("off", !on);
    live.querySelector(".live-text").textContent = text;
  };
  let busy = false, again = false;

  async function refresh() {
    if (busy) { again = true; return; }
    // Never pull a text from under somebody who is reading or selecting it.
    const selected = window.getSelection();
    if (document.hidden || (selected && !selected.isCollapsed)) { again = true; return; }
    busy = true; again = false;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* the stream reports a lost server */ }
    busy = false;
    if (again) setTimeout(refresh, 400);
  }

  function swap(fresh) {
    for (const old of document.querySelectorAll("[data-live][id]")) {
      const next = fresh.getElementById(old.id);
      if (!next || old === live || next.innerHTML === old.innerHTML && next.className === old.className) continue;
      const open = [...old.querySelectorAll("details[open][id]")].map((one) => one.id);
      const raw = old.querySelector("details.raw")?.open;
      const focused = old.contains(document.activeElement) ? mark(document.activeElement) : null;
      old.innerHTML = next.innerHTML;
      old.className = next.className;
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (raw) old.querySelector("details.raw")?.setAttribute("open", "");
      if (focused) find(old, focused)?.focus({ preventScroll: true });
    }
  }

  // Where the focus was, said so that it is found in the new content.
  const mark = (node) => node.href ? `a[href="${CSS.escape(node.getAttribute("href"))}"]`
    : node.matches("summary") && node.parentElement.id ? `#${CSS.escape(node.parentElement.id)} > summary` : null;
  const find = (root, selector) => root.querySelector(selector);

  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) refresh(); });
  document.addEventListener("selectionchange", () => { if (again && window.getSelection()?.isCollapsed) refresh(); });

  const stream = new EventSource("/sandbox/stream");
  let first = true;
  stream.addEventListener("change", () => {
    say("Live", true);
    // The first one only greets; but something may have happened since the page was made.
    refresh();
    if (!first) setTimeout(refresh, 1500);
    first = false;
  });
  stream.addEventListener("error", () => say("Waiting for the sandbox", false));

  // Search while typing; Enter works without this.
  const input = document.getElementById("q");
  let timer;
  input?.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const url = new URL(location.href);
      url.searchParams.delete("cursor");
      if (input.value) url.searchParams.set("q", input.value); else url.searchParams.delete("q");
      history.replaceState(null, "", url);
      refresh();
    }, 200);
  });
})();

// <komo-form>: improves a form that works without it. Checks while typing, sends in place, and keeps an entry safely on
// the device when there is no connection. One play id per form makes a repeated submission the same one.
class KomoForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    if (!this.form || this.ready) return;
    this.ready = true;
    // Not `form.action`, which a field of that name would hide.
    this.url = new URL(this.form.getAttribute("action"), location.href);
    const play = this.form.elements.namedItem("play_id");
    // A page may have been kept by the browser; an id of this visit cannot be one that was used before. After a play
    // the id is the play's, and stays.
    if (play && "fresh" in this.dataset) play.value = uuid();
    this.say = document.createElement("p");
    this.say.className = "say";
    this.say.setAttribute("role", "status");
    this.form.append(this.say);
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.form.addEventListener("focusout", ({ target }) => {
      // Not before something was typed: moving through an empty form is no mistake.
      if (!target.name || !(target.dataset.touched || target.getAttribute("aria-invalid"))) return;
      // A message that appears while a button is held would move what is under it, and the click would miss.
      if (this.held) this.late = target;
      else this.check(target);
    });
    this.form.addEventListener("mousedown", () => {
      this.held = true;
      addEventListener("mouseup", () => setTimeout(() => this.release()), { once: true, capture: true });
    });
    // Lists take the button's release for themselves; the next key is late enough.
    this.form.addEventListener("keydown", () => this.release());
    this.form.addEventListener("input", ({ target }) => {
      target.dataset.touched = "1";
      if (target.getAttribute("aria-invalid")) this.check(target);
    });
    this.querySelector(".summary")?.focus();
  }

  /** The click has arrived where it was meant to: now the message may move things. */
  release() {
    this.held = false;
    if (this.late && !this.form.hidden) this.check(this.late);
    this.late = null;
  }

  /** What is wrong with an input, in the page's language; empty when nothing is. */
  problem(input) {
    const { missing, invalid, low = invalid, high = invalid } = input.dataset;
    const value = input.value.trim();
    if (input.validity.valueMissing || (input.required && !value)) return missing;
    if (!value) return "";
    if (input.type === "email" && !/^\S+@\S+\.\S+$/.test(value)) return invalid;
    if ("number" in input.dataset) {
      const number = Number(value.replace(",", "."));
      const { min = -Infinity, max = Infinity } = input.dataset;
      if (!Number.isFinite(number)) return invalid;
      if (number < min) return low;
      if (number > max) return high;
    }
    const { valid, rangeOverflow, rangeUnderflow, tooShort } = input.validity;
    if (rangeOverflow) return high;
    if (rangeUnderflow || tooShort) return low;
    return valid ? "" : invalid;
  }

  check(input) {
    if (!input.dataset?.missing) return "";
    const message = this.problem(input) || "";
    this.mark(input, message);
    return message;
  }

  /** Shows or removes the message of a field and ties it to its input. */
  mark(input, message) {
    const field = input.closest(".field");
    if (!field) return;
    const radio = input.type === "radio";
    const target = radio ? field : input;
    const id = (radio ? field.id : input.id) + "-error";
    let text = document.getElementById(id);
    if (message && !text) {
      text = document.createElement("p");
      text.className = "error";
      text.id = id;
      const before = field.querySelector(":scope > :is(.box, .select, .choices, .tick)");
      field.insertBefore(text, before);
    }
    if (message) text.textContent = message;
    else text?.remove();
    const help = document.getElementById(id.replace(/-error$/, "-help"));
    const ids = [help?.id, message && id].filter(Boolean).join(" ");
    if (ids) target.setAttribute("aria-describedby", ids);
    else target.removeAttribute("aria-describedby");
    if (message && !radio) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  /** The summary above the form; takes the focus. */
  summary(problems) {
    this.querySelector(".summary")?.remove();
    const title = document.title.replace(this.dataset.prefix + " ", "");
    document.title = problems.length ? this.dataset.prefix + " " + title : title;
    if (!problems.length) return;
    const box = document.createElement("div");
    box.className = "summary";
    box.tabIndex = -1;
    box.setAttribute("role", "alert");
    const heading = document.createElement("h2");
    heading.textContent = this.dataset.problem;
    const list = document.createElement("ul");
    for (const { input, message } of problems) {
      const line = document.createElement("li");
      if (input?.id) {
        const link = document.createElement("a");
        link.href = "#" + input.id;
        link.textContent = message;
        link.addEventListener("click", (event) => {
          event.preventDefault();
          input.focus();
        });
        line.append(link);
      } else line.textContent = message;
      list.append(line);
    }
    box.append(heading, list);
    this.form.prepend(box);
    box.focus();
  }

  inputs() {
    const seen = new Set();
    return [...this.form.elements].filter(
      (input) => input.name && input.dataset.missing && !(seen.has(input.name) || !seen.add(input.name)),
    );
  }

  /** The form as the API takes it. */
  body() {
    const fields = {};
    const consents = {};
    for (const input of this.form.elements) {
      const { name, type } = input;
      if (!name || name === "play_id" || type === "submit") continue;
      if (type === "checkbox") consents[name] = input.checked;
      else if (type !== "radio" || input.checked) {
        if (input.value.trim() !== "") fields[name] = input.value;
      }
    }
    return { fields, consents, play_id: this.form.elements.namedItem("play_id").value };
  }

  async submit(event) {
    event.preventDefault();
    if (this.busy) return;
    const problems = this.inputs()
      .map((input) => ({ input, message: this.check(input) }))
      .filter(({ message }) => message);
    this.summary(problems);
    if (problems.length) return;
    const button = this.form.querySelector("[type=submit]");
    const label = button.textContent;
    this.busy = true;
    button.setAttribute("aria-disabled", "true");
    button.textContent = this.dataset.sending;
    this.say.textContent = "";
    try {
      await this.send(this.url.href, this.body());
    } finally {
      this.busy = false;
      button.removeAttribute("aria-disabled");
      button.textContent = label;
    }
  }

  async send(url, body) {
    let answer;
    try {
      answer = await post(url, body);
    } catch {
      return this.save(url, body);
    }
    return answer.status === 503 ? this.save(url, body) : this.answer(answer);
  }

  async answer(answer) {
    const { status } = answer;
    if (answer.ok) return this.thank(answer);
    if (status === 409) return this.show("again");
    if (status === 410) return this.show("closed");
    if (status === 422) {
      const { errors = [] } = await answer.json().catch(() => ({}));
      if (errors.length) return this.refused(errors);
    }
    this.say.textContent = status === 429 ? this.dataset.many : this.dataset.failed;
  }

  /**
   * Leads on to the play, or thanks; and from now on this address shows the thanks, so that a reload or a way back does not ask
   * again.
   */
  async thank(answer) {
    const { next } = await answer.json().catch(() => ({}));
    const url = next && new URL(next, location.href);
    if (url && "leadsOn" in this.dataset) return location.assign(url);
    this.show("thanks");
    if (url && url.origin === location.origin) history.replaceState(null, "", url.pathname + url.search);
  }

  /** Shows the server's own findings in their places. */
  refused(errors) {
    this.summary(
      errors.map(({ field, message }) => {
        const found = this.form.elements.namedItem(field);
        const input = found instanceof RadioNodeList ? found[0] : found;
        if (!input || input.type === "hidden") return { message };
        this.mark(input, message);
        return { input, message };
      }),
    );
  }

  /** Keeps the entry on the device and says so; the queue sends it later with the same play id. */
  async save(url, body) {
    try {
      await keep(url, body);
    } catch {
      this.say.textContent = this.dataset.failed;
      return;
    }
    this.waiting = body.play_id;
    this.saved();
    later();
  }

  saved() {
    this.show("saved");
    const retry = this.shown.querySelector("[data-retry]");
    retry.addEventListener("click", async () => {
      if (retry.ariaBusy === "true") return;
      const label = retry.textContent;
      retry.ariaBusy = "true";
      retry.textContent = this.dataset.sending;
      await flush();
      retry.ariaBusy = "false";
      retry.textContent = label;
    });
  }

  /** An entry of an earlier visit waits: its form says so, unless somebody has begun to fill it in again. */
  found(id, url, body) {
    const here = new URL(url, location.href).pathname === this.url.pathname;
    if (!here || this.waiting || this.form.hidden || this.form.querySelector("[data-touched]")) return;
    this.waiting = id;
    this.fill(body);
    this.saved();
  }

  /** Puts the answers back, in case the server refuses some. */
  fill({ fields, consents, play_id }) {
    for (const input of this.form.elements) {
      const { name, type } = input;
      if (name === "play_id") input.value = play_id;
      else if (type === "checkbox") input.checked = Boolean(consents[name]);
      else if (type === "radio") input.checked = fields[name] === input.value;
      else if (name in fields) input.value = fields[name];
    }
  }

  /** The queue has an answer about an entry: of this form, or of another one. */
  sent(id, answer) {
    if (id !== this.waiting) {
      if (answer.ok) this.say.textContent = this.dataset.sent;
      return;
    }
    this.waiting = "";
    if (!answer.ok && answer.status !== 409 && answer.status !== 410) {
      this.shown?.remove();
      this.form.hidden = false;
      this.closest(".card")?.classList.remove("card-after");
      document.title = this.tab;
    }
    this.answer(answer);
  }

  /** Puts a state that the server has rendered into a template in place of the form, which stays for a second try. */
  show(state) {
    const box = this.querySelector(`template[data-state=${state}]`).content.cloneNode(true);
    this.shown?.remove();
    this.form.hidden = true;
    this.shown = document.createElement("div");
    this.shown.setAttribute("role", "status");
    this.append(this.shown);
    this.shown.append(box);
    this.closest(".card")?.classList.add("card-after");
    const heading = this.shown.querySelector("h2");
    this.tab ??= document.title.replace(this.dataset.prefix + " ", "");
    document.title = heading.textContent + " \u2013 " + this.tab;
    heading.focus({ preventScroll: true });
    this.shown.scrollIntoView({ block: "center" });
    this.dispatchEvent(new CustomEvent("komo:" + state, { bubbles: true }));
  }
}

const post = (url, body) =>
  fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": body.play_id },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20000),
  });

// A version 7 UUID (RFC 9562), as the server makes them: ids that rise with time lie side by side in its index.
const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(Date.now()) << 16n) | BigInt(0x7000 | ((bytes[6] & 15) << 8) | bytes[7]));
  bytes[8] = (bytes[8] & 63) | 128;
  return Array.from(bytes, (byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
};

// ---- The queue of this device. What waits is encrypted with a key that no script can read out, and is removed as soon
// as the server has answered. Only the address and the play id are stored in the open.

const open = () =>
  new Promise((done, failed) => {
    const request = indexedDB.open("komo", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("entries", { keyPath: "id" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

/** One request in a transaction of its own; settles when it is on disk. */
const store = async (mode, work) => {
  const database = await open();
  try {
    const transaction = database.transaction("entries", mode, { durability: "strict" });
    const request = work(transaction.objectStore("entries"));
    return await new Promise((done, failed) => {
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
};

// Each entry has a key of its own, so that nothing at all is left when it has been sent.
const keep = async (url, body) => {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(body)));
  await store("readwrite", (entries) => entries.put({ id: body.play_id, url, key, iv, sealed }));
};

let timer;
let tries = 0;
const later = (seconds = Math.min(300, 4 * 2 ** tries)) => {
  clearTimeout(timer);
  tries += 1;
  // Not all phones of a hall at the same moment.
  timer = setTimeout(flush, seconds * (750 + Math.random() * 500));
};

/** Sends what waits, oldest first. One tab at a time where the browser can say so; the play id covers the rest. */
const flush = () => (navigator.locks ? navigator.locks.request("komo-queue", { ifAvailable: true }, (lock) => lock && send()) : send());

const send = async () => {
  const known = await indexedDB.databases?.();
  if (known && !known.some(({ name }) => name === "komo")) return;
  for (const { id, url, key, iv, sealed } of await store("readonly", (entries) => entries.getAll())) {
    const body = JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed)));
    for (const form of document.querySelectorAll("komo-form")) form.found?.(id, url, body);
    let answer;
    try {
      answer = await post(url, body);
    } catch {
      return later();
    }
    // Only an answer about the entry itself ends its waiting.
    if (answer.status === 429 || answer.status >= 500) return later(Number(answer.headers.get("Retry-After")) || undefined);
    await store("readwrite", (entries) => entries.delete(id));
    tries = 0;
    for (const form of document.querySelectorAll("komo-form")) form.sent?.(id, answer.clone());
  }
};

// Moments come from the server in UTC; people think in their own time.
for (const moment of document.querySelectorAll("time")) {
  const { lang } = moment.closest("[lang]");
  const own = navigator.languages.find((tag) => tag.split("-")[0] === lang) ?? lang;
  moment.textContent = new Date(moment.dateTime).toLocaleString(own, { dateStyle: "long", timeStyle: "short" });
}

customElements.define("komo-form", KomoForm);
addEventListener("online", flush);
addEventListener("pageshow", flush);
if (document.readyState === "complete") flush();

// Improves the studio's pages: everything here has a way without it.
// The pages are our own, rendered on the server with every text escaped: htmx may put them into the document. Nothing may make script.
if (globalThis.trustedTypes) {
  trustedTypes.createPolicy('default', { createHTML: (html) => html });
}

// Fields that only matter for one choice: data-when="name=value".
function shown(root) {
  for (const part of root.querySelectorAll('[data-when]')) {
    const [name, values] = part.dataset.when.split('=');
    const form = part.closest('form');
    const field = form?.elements.namedItem(name);
    part.hidden = field ? !values.split('|').includes(field.value) : false;
  }
}

// The search over a table: rows that do not hold all words are hidden.
function searched(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const table = document.getElementById(input.dataset.search);
  let left = 0;
  for (const row of table?.querySelectorAll('[data-row]') ?? []) {
    const fields = [...row.querySelectorAll('input, select')].map((field) => field.value).join(' ');
    const text = `${row.dataset.row} ${fields}`.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    left += row.hidden ? 0 : 1;
  }
  const count = document.getElementById(`${input.dataset.search}-count`);
  if (count) count.textContent = words.length ? `${left} found` : '';
}

// A suggestion is taken with one press.
function taken(button) {
  const field = document.getElementById(button.dataset.take);
  if (!field) return;
  field.value = button.dataset.value;
  const kind = document.getElementById(`${button.dataset.take}-op`);
  if (kind && button.dataset.op) kind.value = button.dataset.op;
  button.hidden = true;
  field.focus();
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

document.addEventListener('change', (event) => {
  const form = event.target.closest?.('form');
  if (form) shown(form);
  const all = event.target.dataset?.all;
  if (all) for (const box of document.querySelectorAll(`input[name="${all}"]`)) box.checked = event.target.checked;
});
document.addEventListener('input', (event) => {
  if (event.target.dataset?.search) searched(event.target);
});
document.addEventListener('click', (event) => {
  const take = event.target.closest?.('[data-take]');
  if (take) {
    event.preventDefault();
    taken(take);
  }
  const all = event.target.closest?.('[data-take-all]');
  if (all) {
    event.preventDefault();
    for (const button of document.querySelectorAll('[data-take]:not([hidden])')) taken(button);
    all.focus();
  }
});
// Work that is not saved is not lost by a wrong press.
let unsaved = false;
document.addEventListener('input', (event) => {
  if (event.target.closest?.('form[data-guard]')) unsaved = true;
});
document.addEventListener('submit', () => {
  unsaved = false;
});
addEventListener('beforeunload', (event) => {
  if (unsaved) event.preventDefault();
});

function ready() {
  document.documentElement.classList.add('js');
  shown(document);
  const problem = document.getElementById('problem');
  if (problem) problem.focus();
}
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', ready);
else ready();

// An editor saves while people type. Whoever leaves the page first waits for what is not saved yet.
let dirty = false;
const editor = () => document.querySelector('form[data-editor][hx-post]');
const say = (words) => {
  const saved = document.getElementById('saved');
  if (saved) saved.textContent = words;
};
document.addEventListener('input', (event) => {
  if (!event.target.closest?.('form[data-editor]')) return;
  dirty = true;
  say('Saving…');
  const text = event.target.dataset.colour && document.getElementById(event.target.dataset.colour);
  if (text) text.value = event.target.value;
});
document.addEventListener('htmx:configRequest', (event) => {
  if (event.target.closest?.('form[data-editor]')) dirty = false;
});
for (const trouble of ['htmx:sendError', 'htmx:responseError']) {
  document.addEventListener(trouble, (event) => {
    if (!event.target.closest?.('form[data-editor]')) return;
    dirty = true;
    say('Not saved. Is there a connection? It is tried again with the next change.');
  });
}
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (!link || !dirty || !editor() || link.target || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const go = () => location.assign(link.href);
  editor().addEventListener('htmx:afterRequest', go, { once: true });
  setTimeout(go, 3000);
  htmx.trigger(editor(), 'flush');
});
addEventListener('pagehide', () => {
  if (dirty && editor()) navigator.sendBeacon(editor().action, new URLSearchParams(new FormData(editor())));
});
// What is folded out stays folded out when the form is drawn anew.
let open = [];
document.addEventListener('htmx:beforeSwap', (event) => {
  open = [...document.querySelectorAll('#editor details[open]')].map((part) => part.parentElement.id);
  if (event.detail.target?.id === 'editor') dirty = false;
});
document.addEventListener('htmx:afterSwap', () => {
  for (const id of open) document.getElementById(id)?.querySelector('details')?.setAttribute('open', '');
  shown(document);
});
// The preview is the draft's page itself, loaded anew after each change.
document.addEventListener('komo-saved', () => {
  const frame = document.querySelector('iframe[data-preview]');
  const at = frame?.contentWindow?.location;
  if (!at || at.href === 'about:blank') return;
  at.replace(at.href.replace(/\/(plays|entries)(\?|$)/, '$2'));
});

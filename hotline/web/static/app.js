// The whole script of console, portal and simulator. Every page works without it.
//   <form data-into="id">       sends without a reload and takes the part with this id from the answer
//   <div id="x" data-live="u">  listens to u; every "html" event replaces what is inside
//   data-key="n"                follows, presses or focuses it when n is typed outside a field
//   data-end                    keeps a scrolling list at its newest line
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("fragment", { createHTML: (text) => text })
  : { createHTML: (text) => text };
const parse = (html) => new DOMParser().parseFromString(policy.createHTML(html), "text/html");

// Swaps the children; focus and half-typed text stay.
function fill(place, nodes) {
  const active = document.activeElement;
  const id = place.contains(active) ? active.id : "";
  const typed = new Map();
  for (const box of place.querySelectorAll("textarea[id]")) if (box.value) typed.set(box.id, box.value);
  const end = () => place.querySelector("[data-end]");
  const scroller = end();
  const atEnd = !scroller || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  const from = scroller ? scroller.scrollTop : 0;
  place.replaceChildren(...nodes);
  for (const [name, text] of typed) {
    const box = document.getElementById(name);
    if (box && !box.value) box.value = text;
  }
  if (id) document.getElementById(id)?.focus();
  const now = end();
  if (now) now.scrollTop = atEnd ? now.scrollHeight : from;
}

function take(page, id) {
  const fresh = page.getElementById(id);
  const place = document.getElementById(id);
  if (!fresh || !place) return false;
  fill(place, [...fresh.childNodes]);
  const said = page.getElementById("said");
  if (said) document.getElementById("said")?.replaceChildren(...said.childNodes);
  return true;
}

function busy(form, on) {
  form.toggleAttribute("data-busy", on);
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", String(on));
}

async function send(form, by) {
  const body = new URLSearchParams(new FormData(form, by));
  try {
    const answer = await fetch(form.action, {
      method: "POST", body, headers: { "X-Fragment": form.dataset.into }, credentials: "same-origin",
    });
    const page = parse(await answer.text());
    if (answer.ok && take(page, form.dataset.into)) {
      for (const box of form.querySelectorAll("[data-clear]")) box.value = "";
      form.querySelector("[data-clear]")?.focus();
    } else {
      const main = page.querySelector("main");
      const box = document.getElementById("said");
      if (main && box) { box.replaceChildren(...main.childNodes); box.focus(); }
    }
  } catch {
    form.removeAttribute("data-into"); // the next try is the browser's own
    document.getElementById("offline")?.removeAttribute("hidden");
  }
  busy(form, false);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.hasAttribute("data-busy")) { event.preventDefault(); return; }
  if (form.dataset.into && document.getElementById(form.dataset.into)) {
    event.preventDefault();
    busy(form, true);
    send(form, event.submitter);
  } else {
    setTimeout(() => busy(form, true)); // once the pressed button was read
  }
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach((f) => busy(f, false)));

document.addEventListener("keydown", (event) => {
  const at = event.target;
  const field = at.matches?.("input, textarea, select, [contenteditable]");
  if (field && event.key === "Enter" && !event.shiftKey && at.matches("[data-enter]")) {
    event.preventDefault();
    at.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || (field && event.key !== "Escape")) return;
  for (const target of document.querySelectorAll("[data-key]")) {
    if (target.dataset.key !== event.key) continue;
    event.preventDefault();
    if (target.matches("input, textarea, select")) target.focus();
    else target.click();
    return;
  }
});

function listen(place) {
  const source = new EventSource(place.dataset.live);
  let heard = Date.now();
  const offline = document.getElementById("offline");
  source.addEventListener("open", () => { heard = Date.now(); offline?.setAttribute("hidden", ""); });
  source.addEventListener("html", (event) => {
    heard = Date.now();
    fill(place, [...parse(JSON.parse(event.data)).body.childNodes]);
    place.dispatchEvent(new CustomEvent("live", { bubbles: true }));
  });
  source.addEventListener("over", () => { source.close(); location.reload(); });
  source.addEventListener("error", () => {
    if (Date.now() - heard > 8000) offline?.removeAttribute("hidden");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(place), 5000);
  });
}

for (const place of document.querySelectorAll("[data-live]")) listen(place);
for (const part of document.querySelectorAll("[data-end]")) part.scrollTop = part.scrollHeight;

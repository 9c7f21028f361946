// What only the console needs, beside app.js. Every page works without it.
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("console", { createHTML: (text) => text })
  : { createHTML: (text) => text };
const parse = (html) => new DOMParser().parseFromString(policy.createHTML(html), "text/html");
const csrf = () => document.querySelector("input[name=csrf]")?.value ?? "";
const post = (url, fields, more = {}) => fetch(url, {
  method: "POST", credentials: "same-origin", keepalive: true,
  headers: { "X-Fragment": "none" }, body: new URLSearchParams({ csrf: csrf(), ...fields }), ...more,
});

// ---- alarms are announced once, whatever the live part replaces
let announced = "";
function announce() {
  const said = document.querySelector("[data-announce]")?.textContent.trim().replace(/\s+/g, " ") ?? "";
  const place = document.getElementById("announce");
  if (place && said !== announced) place.textContent = said;
  announced = said;
}
document.addEventListener("live", announce);
announce();

// ---- lock: blank at once, then sign out
function lock(event) {
  event?.preventDefault();
  const token = csrf();
  document.body.replaceChildren();
  document.title = "189";
  const gone = () => location.replace("/sign-in");
  fetch("/sign-out", {
    method: "POST", credentials: "same-origin", keepalive: true, body: new URLSearchParams({ csrf: token }),
  }).then(gone, gone);
}
document.addEventListener("keydown", (event) => { if (event.key === "F8") lock(event); });
document.querySelector("form[data-lock]")?.addEventListener("submit", lock);

// ---- one conversation
const desk = document.querySelector("[data-talk]");
if (desk) conversation(desk);

function conversation(place) {
  const base = place.dataset.talk;
  const box = document.getElementById("text");
  const form = document.getElementById("reply-form");
  const said = document.getElementById("draft-said");
  let kept = box.value;
  let alive = true;
  let sending = false;

  const list = () => document.getElementById("talk-lines");
  const toEnd = () => { const l = list(); if (l) l.scrollTop = l.scrollHeight; };
  toEnd();

  function lost(text) {
    alive = false;
    const where = document.getElementById("lost");
    if (where.firstChild) return;
    const line = document.createElement("p");
    line.className = "say bad";
    const link = document.createElement("a");
    link.href = "/console";
    link.textContent = place.dataset.back;
    line.append(text, " ", link);
    where.append(line);
    document.getElementById("send").disabled = true;
  }

  async function save() {
    if (!alive || sending || box.value === kept) return;
    const text = box.value;
    try {
      const answer = await post(`${base}/draft`, { text });
      if (answer.ok) { kept = text; said.textContent = place.dataset.saved; }
      else if (answer.status === 403 || answer.status === 409) lost(place.dataset.lost);
    } catch { said.textContent = place.dataset.offline; }
  }
  async function beat() {
    if (!alive) return;
    try {
      const answer = await post(`${base}/beat`, {});
      if (answer.status === 401) location.reload();
      else if (answer.status === 403 || answer.status === 409) lost(place.dataset.lost);
    } catch { /* the live part says that there is no connection */ }
  }
  setInterval(save, 3000);
  setInterval(beat, Number(place.dataset.beat) * 1000);
  addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => { save(); if (!document.hidden) beat(); });
  form.addEventListener("submit", () => { sending = true; setTimeout(() => { sending = false; }, 4000); });
  box.addEventListener("input", () => { said.textContent = ""; });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (box.value.trim()) form.requestSubmit(document.getElementById("send"));
    } else if (event.key === "Escape") box.blur();
  });
  for (const button of form.querySelectorAll("[data-insert]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const typed = box.value.trimEnd();
      box.value = typed ? `${typed}\n\n${button.dataset.insert}` : button.dataset.insert;
      box.focus();
      save();
    });
  }

  // New lines are appended and changed ones replaced, so that a reader is told only what is new.
  function morph(fresh) {
    const bar = fresh.getElementById("talk-bar");
    const here = document.getElementById("talk-bar");
    if (bar && here && bar.innerHTML !== here.innerHTML) here.replaceChildren(...bar.childNodes);
    const there = fresh.getElementById("talk-lines");
    const lines = list();
    if (!there || !lines) return;
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 80;
    for (const line of [...there.children]) {
      const old = document.getElementById(line.id);
      if (!old) { line.classList.add("fresh"); lines.append(line); }
      else if (old.textContent !== line.textContent) old.replaceWith(line);
    }
    if (atEnd) toEnd();
  }
  const live = document.querySelector("[data-talk-live]");
  function listen() {
    const source = new EventSource(live.dataset.talkLive);
    let heard = Date.now();
    const offline = document.getElementById("offline");
    source.addEventListener("open", () => { heard = Date.now(); offline?.setAttribute("hidden", ""); });
    source.addEventListener("html", (event) => {
      heard = Date.now();
      const fresh = parse(JSON.parse(event.data));
      const gone = fresh.getElementById("talk-lost");
      if (gone) { source.close(); lost(place.dataset.lost); return; }
      morph(fresh);
    });
    source.addEventListener("over", () => { source.close(); location.reload(); });
    source.addEventListener("error", () => {
      if (Date.now() - heard > 8000) offline?.removeAttribute("hidden");
      if (source.readyState === EventSource.CLOSED && alive) setTimeout(listen, 5000);
    });
  }
  listen();
}

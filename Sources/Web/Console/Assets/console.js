// What pages do beyond links and forms: dialogs, copying, times that go on, and saying aloud what changed. Everything
// here is a convenience: without it the same pages work by links and forms.

const root = document.documentElement;
root.classList.add("js");
const dialog = document.getElementById("dialog");
const announcer = document.getElementById("announce");

function announce(text) {
  if (announcer && text) announcer.textContent = text;
}

// Times: told from now on in the browser's own clock and zone. The words are those of the server (Moment.relative).
function relative(seconds) {
  const distance = Math.abs(seconds);
  const [count, unit] =
    distance < 45 ? [0, ""]
    : distance < 5400 ? [Math.max(1, Math.round(distance / 60)), "minute"]
    : distance < 129600 ? [Math.round(distance / 3600), "hour"]
    : [Math.round(distance / 86400), "day"];
  if (count === 0) return seconds > 5 ? "in a moment" : "just now";
  const text = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return seconds > 0 ? `in ${text}` : `${text} ago`;
}

const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

function tellTimes(within = document) {
  for (const time of within.querySelectorAll("time[data-relative]")) {
    const date = new Date(time.dateTime);
    const text = relative((date - Date.now()) / 1000);
    if (time.textContent !== text) time.textContent = text;
    time.title = local.format(date);
  }
}

// Dialogs: the form of the page behind the link, or the job on it, shown over this one. With a modifier key the link
// stays a link.
let opener = null;

async function openDialog(link) {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const content = page.querySelector("[data-dialog-content]");
  if (!answer.ok || !content) {
    location.assign(link.href);
    return;
  }
  emptyDialog();
  // What changes in it is also said in it: whoever listens has nothing but the dialog.
  dialog.replaceChildren(withEvents(content, page), announcer);
  dialog.setAttribute("aria-labelledby", dialog.querySelector("h1").id);
  dialog.classList.toggle("dialog-wide", content.dataset.dialogContent === "wide");
  // A link in the dialog shows another page in it; the focus goes back to where it came from at first.
  if (!dialog.open) opener = link;
  dialog.showModal();
  (dialog.querySelector("[autofocus], input:not([type=hidden]), button") ?? dialog).focus();
  const viewer = dialog.querySelector("script[type=module]");
  if (viewer) (await import(viewer.src)).showLogs(dialog);
  htmx.process(dialog);
  tellTimes(dialog);
  sayChanges(true);
}

// What is in `content`, kept up to date by the events by which its own page would be.
function withEvents(content, page) {
  const part = document.createElement("div");
  const source = page.querySelector("[sse-connect]");
  for (const name of ["hx-ext", "sse-connect", "sse-close"]) {
    if (source?.hasAttribute(name)) part.setAttribute(name, source.getAttribute(name));
  }
  part.append(...content.childNodes);
  return part;
}

// Empties the dialog, whose events end with that.
function emptyDialog() {
  for (const part of dialog.querySelectorAll("[sse-connect]")) htmx.trigger(part, "htmx:beforeCleanupElement");
  dialog.before(announcer);
  dialog.replaceChildren();
}

// The browser gives the focus back to the link itself, which a live part may have replaced by its like meanwhile.
dialog?.addEventListener("close", () => {
  emptyDialog();
  if (opener && !opener.isConnected) document.getElementById(opener.id)?.focus();
});

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS browsers keep the clipboard to themselves; the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    button.after(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    button.focus();
    if (!done) {
      announce("The browser did not allow copying.");
      return;
    }
  }
  const use = button.querySelector("use");
  const icon = use.getAttribute("href");
  use.setAttribute("href", icon.replace(/#.*/, "#check"));
  setTimeout(() => use.setAttribute("href", icon), 1600);
  announce("Copied");
}

// A field with rows: one more, like the last one and empty. Without a script, saving brings the next empty row.
function addRow(button) {
  const field = button.closest("[data-rows]");
  const rows = field.querySelectorAll("[data-row]");
  const last = rows[rows.length - 1];
  const row = last.cloneNode(true);
  const next = (text) => text.replace(/([.-])(\d+)([.-])(?!.*[.-]\d+[.-])/, (_, before, number, after) => before + (Number(number) + 1) + after);
  row.querySelector("legend").textContent = `Source ${rows.length + 1}`;
  for (const label of row.querySelectorAll("label")) label.htmlFor = next(label.htmlFor);
  for (const input of row.querySelectorAll("input")) {
    input.name = next(input.name);
    input.id = next(input.id);
    input.value = "";
  }
  last.after(row);
  row.querySelector("input").focus();
  if (rows.length + 1 >= Number(field.dataset.rows)) button.hidden = true;
}

document.addEventListener("click", (event) => {
  const adding = event.target.closest("[data-add-row]");
  if (adding) return addRow(adding);
  const copying = event.target.closest("[data-copy]");
  if (copying) return void copy(copying);
  if (event.target.closest('[aria-disabled="true"]')) return event.preventDefault();
  if (event.target.closest("[data-close]") && dialog?.open && dialog.contains(event.target)) {
    event.preventDefault();
    return dialog.close();
  }
  if (event.target === dialog) return dialog.close();
  const link = event.target.closest("a[data-dialog]");
  if (link && dialog && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    openDialog(link).catch(() => location.assign(link.href));
  }
});

// A form is sent once; the server knows a repeated one as well, by its key.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-busy", "true");
});

// A page that the browser took out of its memory shows its forms as not sent.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// What changes by itself is also said, once, to who cannot see it.
const said = new Map();

function sayChanges(silently) {
  document.querySelectorAll("[data-announce]").forEach((element, place) => {
    const text = element.dataset.announce;
    const key = element.closest("[id]")?.id ?? place;
    if (said.has(key) && said.get(key) !== text && !silently) announce(text);
    said.set(key, text);
  });
}

// Whether the page is kept up to date: it is while events come in and what they announce can be fetched.
const LIVE_PART = "[hx-trigger^='sse:']";
// How long after a failed fetch of a live part it is asked for again: twice as long each time, up to the longest.
const RETRY = 5000;
const LONGEST_RETRY = 60000;
const retries = new WeakMap();
let hears = false;
let fetches = true;

function tellLive() {
  const sign = document.getElementById("live");
  const state = hears && fetches ? "open" : "lost";
  if (!sign || sign.dataset.state === state) return;
  sign.dataset.state = state;
  document.getElementById("live-text").textContent = state === "open" ? "Live" : "Not live";
}

// The sign is about the page, and not about a job that is looked at in a dialog.
function ofPage(event, body) {
  if (!dialog?.contains(event.target)) body();
}

document.addEventListener("htmx:sseOpen", (event) => ofPage(event, () => {
  hears = true;
  tellLive();
}));
document.addEventListener("htmx:sseClose", (event) => ofPage(event, () => document.getElementById("live")?.remove()));
document.addEventListener("htmx:sseError", (event) => ofPage(event, () => {
  hears = false;
  tellLive();
}));

// What could not be fetched is asked for again in a while; however often it is asked for meanwhile, it is waited for once.
function notFetched(event) {
  const part = event.detail.elt;
  if (!part?.matches?.(LIVE_PART)) return;
  ofPage(event, () => {
    fetches = false;
    tellLive();
  });
  const retry = retries.get(part) ?? { wait: RETRY };
  retries.set(part, retry);
  retry.timer ??= setTimeout(() => {
    retry.timer = null;
    retry.wait = Math.min(2 * retry.wait, LONGEST_RETRY);
    if (part.isConnected) htmx.trigger(part, "sse:change");
  }, retry.wait);
}

function fetched(event) {
  const part = event.detail.elt;
  if (!event.detail.successful || !part?.matches?.(LIVE_PART)) return;
  clearTimeout(retries.get(part)?.timer);
  retries.delete(part);
  ofPage(event, () => {
    fetches = true;
    tellLive();
  });
}

document.addEventListener("htmx:responseError", notFetched);
document.addEventListener("htmx:sendError", notFetched);
document.addEventListener("htmx:afterRequest", fetched);

// A live part that is as it was is left alone, with what the reader has selected in it. Times count as the same: they
// are told by this script.
function plain(element) {
  const copy = element?.cloneNode(true);
  for (const time of copy?.querySelectorAll("time") ?? []) time.replaceWith(time.dateTime);
  for (const part of copy?.querySelectorAll("[class*=htmx-]") ?? []) part.classList.remove(...HTMX);
  copy?.classList.remove(...HTMX);
  return copy?.outerHTML.replaceAll(' class=""', "");
}

const HTMX = ["htmx-swapping", "htmx-settling", "htmx-added", "htmx-request"];

document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, target, xhr } = event.detail.requestConfig ? { ...event.detail, elt: event.detail.requestConfig.elt } : event.detail;
  if (xhr.status !== 200 || !elt?.matches(LIVE_PART)) return;
  const page = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  const parts = [target.id, ...(elt.getAttribute("hx-select-oob") ?? "").split(",").map((name) => name.replace("#", ""))];
  const same = (id) => plain(document.getElementById(id)) === plain(page.getElementById(id));
  if (parts.filter(Boolean).every(same)) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSettle", () => {
  tellTimes();
  sayChanges(false);
});
(document.getElementById("problem") ?? document.getElementById("preview"))?.focus();
tellTimes();
sayChanges(true);
setInterval(tellTimes, 20000);

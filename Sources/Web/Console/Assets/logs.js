// The log viewer: lines that the server sends by the page's event stream. All of them are kept as text, and the page
// holds a window of them only, so that a hundred thousand lines scroll like a hundred.
const GROUP = 250;
// How many lines are drawn at once, and how many the window holds at most.
const PIECE = 500;
const WINDOW = 3000;
const LEVELS = { debug: 0, info: 1, step: 1, warning: 2, error: 3 };

// Says a text to who cannot see it.
function announce(text) {
  document.getElementById("announce").textContent = text;
}

class Log {
  constructor(panel) {
    this.panel = panel;
    this.box = panel.querySelector("[data-log-lines]");
    this.limit = Number(panel.dataset.limit);
    this.lines = [...this.box.querySelectorAll(".log-line")].map((line) => ({
      look: /log-(debug|info|warning|error|step)/.exec(line.className)[1],
      text: line.textContent,
    }));
    this.shown = this.lines;
    this.waiting = [];
    this.dropped = 0;
    this.streaming = panel.hasAttribute("data-follows");
    this.needle = "";
    this.least = 0;
    this.follows = true;
    this.part("search")?.addEventListener("input", () => this.search());
    this.part("level")?.addEventListener("change", (event) => this.level(event.target.value));
    this.part("stream")?.addEventListener("click", () => this.toggleStream());
    this.part("clear")?.addEventListener("click", () => this.clear());
    this.part("wrap")?.addEventListener("click", (event) => this.wrap(event.currentTarget));
    this.part("auto")?.addEventListener("change", (event) => this.auto(Number(event.target.value)));
    this.part("down")?.addEventListener("click", () => this.toEnd());
    this.box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.resume();
    this.toEnd();
    if (panel.hasAttribute("data-follows")) {
      // The extension swaps HTML in; lines come as JSON, so this listener takes the event over.
      this.box.addEventListener("htmx:sseBeforeMessage", (event) => {
        event.preventDefault();
        this.take(JSON.parse(event.detail.data));
      });
    }
  }

  part(name) {
    return this.panel.querySelector(`[data-log-${name}]`);
  }

  /** Takes a message: `{reset, lines: [[look, text], …]}`. */
  take(message) {
    if (message.reset) this.waiting = [{ reset: true }];
    for (const [look, text] of message.lines) this.waiting.push({ look, text });
    // What waits while the stream stands still is kept within the same bound.
    if (this.waiting.length > this.limit + 1) this.waiting.splice(this.waiting[0].reset ? 1 : 0, this.waiting.length - this.limit);
    if (this.streaming) this.schedule();
    else this.told();
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      // It may stand still by now.
      if (this.streaming) this.write();
      else this.told();
    });
  }

  write() {
    let fresh = this.waiting;
    if (fresh.length === 0) return;
    this.waiting = [];
    const begins = fresh[0].reset;
    if (begins) {
      fresh = fresh.slice(1);
      this.lines = [];
      this.dropped = 0;
    }
    this.lines.push(...fresh);
    const gone = this.lines.splice(0, Math.max(0, this.lines.length - this.limit));
    this.dropped += gone.length;
    this.updated = new Date();
    this.choose(begins ? null : fresh, gone);
    if (this.follows || begins) this.toEnd();
    // Who reads further up is not pulled down; below him the window grows as far as it may.
    else this.grow(Math.min(GROUP, WINDOW - (this.to - this.from)));
    this.told();
  }

  get isNarrowed() {
    return this.needle !== "" || this.least > 0;
  }

  fits({ look, text }) {
    return LEVELS[look] >= this.least && (this.needle === "" || text.toLowerCase().includes(this.needle));
  }

  // What is shown of the lines: all of them anew, or `fresh` ones besides and without those that are `gone`.
  choose(fresh = null, gone = []) {
    if (!fresh) {
      this.shown = this.isNarrowed ? this.lines.filter((line) => this.fits(line)) : this.lines;
    } else if (this.isNarrowed) {
      this.shown.push(...fresh.filter((line) => this.fits(line)));
      const count = gone.filter((line) => this.fits(line)).length;
      this.shown.splice(0, count);
      this.shift(count);
    } else this.shift(gone.length);
  }

  // Draws the window that begins at `from`.
  draw(from) {
    this.from = from;
    this.to = Math.min(this.shown.length, from + PIECE);
    this.box.replaceChildren(...this.groups(this.from, this.to));
  }

  groups(from, to) {
    const groups = [];
    for (let at = from; at < to; at += GROUP) {
      const group = document.createElement("div");
      group.className = "log-group";
      for (const line of this.shown.slice(at, Math.min(at + GROUP, to))) group.append(this.element(line), "\n");
      groups.push(group);
    }
    return groups;
  }

  element({ look, text }) {
    const line = document.createElement("div");
    line.className = `log-line log-${look}`;
    const at = this.needle ? text.toLowerCase().indexOf(this.needle) : -1;
    if (at < 0) line.textContent = text;
    else {
      const mark = document.createElement("mark");
      mark.textContent = text.slice(at, at + this.needle.length);
      line.append(text.slice(0, at), mark, text.slice(at + this.needle.length));
    }
    return line;
  }

  // Takes further lines into the window below, and as many out of it above.
  grow(most) {
    const last = this.box.lastElementChild;
    const until = Math.min(this.shown.length, this.to + most);
    let from = this.to;
    for (; last && from < until && last.childElementCount < GROUP; from += 1) last.append(this.element(this.shown[from]), "\n");
    this.box.append(...this.groups(from, until));
    this.to = until;
    while (this.to - this.from > WINDOW && this.box.childElementCount > 1) this.drop(this.box.firstElementChild, true);
  }

  // The same upwards.
  lead() {
    const from = Math.max(0, this.from - PIECE);
    const height = this.box.scrollHeight;
    this.box.prepend(...this.groups(from, this.from));
    this.from = from;
    this.box.scrollTop += this.box.scrollHeight - height;
    while (this.to - this.from > WINDOW && this.box.childElementCount > 1) this.drop(this.box.lastElementChild, false);
  }

  drop(group, isFirst) {
    const height = this.box.scrollHeight;
    if (isFirst) this.from += group.childElementCount;
    else this.to -= group.childElementCount;
    group.remove();
    if (isFirst) this.box.scrollTop -= height - this.box.scrollHeight;
  }

  // Notes that `count` lines went at the beginning: those of the window have other places now, and those of them that
  // went are taken out of it, with the reader's line where it was.
  shift(count) {
    this.from -= count;
    this.to -= count;
    if (this.from >= 0) return;
    if (this.to <= 0) {
      this.from = this.to = 0;
      this.box.replaceChildren();
    } else {
      const height = this.box.scrollHeight;
      for (; this.from < 0; this.from += 1) this.takeOut(this.box.querySelector(".log-line"));
      this.box.scrollTop -= height - this.box.scrollHeight;
    }
    this.top = this.box.scrollTop;
  }

  takeOut(line) {
    const group = line.parentElement;
    line.nextSibling.remove();
    line.remove();
    if (group.childElementCount === 0) group.remove();
  }

  told() {
    this.part("empty").hidden = this.lines.length > 0;
    const count = this.lines.length;
    const words = [`${count.toLocaleString("en")} line${count === 1 ? "" : "s"}`];
    if (this.needle) words.push(`${this.shown.length.toLocaleString("en")} with “${this.part("search").value.trim()}”`);
    else if (this.least > 0) words.push(`${this.shown.length.toLocaleString("en")} of this level`);
    if (this.dropped) words.push(`${this.dropped.toLocaleString("en")} older ones left out, see Download`);
    const waiting = this.waiting.filter((line) => !line.reset).length;
    if (!this.streaming && waiting) words.push(`${waiting.toLocaleString("en")} new ones wait`);
    this.part("count").textContent = words.join(" · ");
    if (this.updated) this.part("updated").textContent = `Updated ${this.updated.toLocaleTimeString()}`;
  }

  // Searching leaves out what does not match and marks what does.
  search() {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => {
      this.needle = this.part("search").value.trim().toLowerCase();
      this.narrow();
      announce(this.needle ? `${this.shown.length} lines match` : "All lines are shown");
    }, 120);
  }

  level(name) {
    this.least = LEVELS[name];
    this.narrow();
  }

  narrow() {
    this.choose();
    this.toEnd();
    this.told();
  }

  toggleStream() {
    this.streaming = !this.streaming;
    this.part("stream").setAttribute("aria-pressed", String(this.streaming));
    announce(this.streaming ? "The log is streamed" : "The log stands still");
    if (this.streaming) this.schedule();
    this.told();
  }

  clear() {
    this.lines = [];
    this.waiting = [];
    this.dropped = 0;
    this.choose();
    this.toEnd();
    this.told();
    announce("The view is empty. Nothing was deleted on the server.");
  }

  wrap(button) {
    const wraps = this.box.classList.toggle("log-nowrap");
    button.setAttribute("aria-pressed", String(!wraps));
  }

  // Refreshing by itself reloads the page, and remembers in its address how often.
  auto(seconds) {
    clearTimeout(this.timer);
    const url = new URL(location.href);
    if (seconds > 0) url.searchParams.set("auto", seconds);
    else url.searchParams.delete("auto");
    history.replaceState(null, "", url);
    if (seconds > 0) this.timer = setTimeout(() => location.replace(url), seconds * 1000);
  }

  resume() {
    const select = this.part("auto");
    const seconds = Number(new URL(location.href).searchParams.get("auto"));
    if (!select || ![...select.options].some((option) => Number(option.value) === seconds && seconds > 0)) return;
    select.value = String(seconds);
    this.auto(seconds);
  }

  scrolled() {
    // Only a reader scrolls up; that lines come into sight and get their real height does not.
    const { scrollHeight, scrollTop, clientHeight } = this.box;
    const below = scrollHeight - scrollTop - clientHeight;
    if (below < 24 && this.to === this.shown.length) this.follows = true;
    else if (scrollTop < this.top) this.follows = false;
    if (scrollTop < this.top && scrollTop < 600 && this.from > 0) this.lead();
    else if (scrollTop > this.top && below < 600 && this.to < this.shown.length) this.grow(PIECE);
    this.top = this.box.scrollTop;
    this.part("down").hidden = this.follows;
  }

  // The keys for the beginning and the end mean those of the log, not of the window.
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.key === "Home" && this.shown.length > 0) {
      this.follows = false;
      this.draw(0);
      this.box.scrollTop = this.top = 0;
      this.part("down").hidden = false;
    } else if (event.key === "End") this.toEnd();
    else return;
    event.preventDefault();
  }

  toEnd() {
    this.follows = true;
    // Where the window stands at the end already, it only takes in what is new.
    const isNear = this.drawn === this.shown && this.to <= this.shown.length && this.shown.length - this.to < GROUP;
    if (isNear) this.grow(this.shown.length - this.to);
    else this.draw(Math.max(0, this.shown.length - PIECE));
    this.drawn = this.shown;
    this.box.scrollTop = this.box.scrollHeight;
    this.top = this.box.scrollTop;
    this.part("down").hidden = true;
  }
}

const shown = new WeakSet();

// Makes the logs in a part of the page work that do not yet: a dialog has its own.
export function showLogs(within) {
  for (const panel of within.querySelectorAll("[data-log]")) {
    if (shown.has(panel)) continue;
    shown.add(panel);
    new Log(panel);
  }
}

showLogs(document);

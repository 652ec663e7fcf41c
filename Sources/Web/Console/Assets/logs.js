// The log viewer: lines that the server sends by the page's event stream, shown in groups of which the browser lays out
// only those in sight, so that tens of thousands of lines scroll like ten.
const GROUP = 250;

/** Starts every log on the page. `announce` says a text to who cannot see it. */
export function startLogs(announce) {
  for (const panel of document.querySelectorAll("[data-log]")) new Log(panel, announce);
}

class Log {
  constructor(panel, announce) {
    this.panel = panel;
    this.announce = announce;
    this.box = panel.querySelector("[data-log-lines]");
    this.limit = Number(panel.dataset.limit);
    this.count = this.box.querySelectorAll(".log-line").length;
    this.waiting = [];
    this.dropped = 0;
    this.streaming = panel.hasAttribute("data-follows");
    this.needle = "";
    this.follows = true;
    this.part("search")?.addEventListener("input", () => this.search());
    this.part("level")?.addEventListener("change", (event) => this.level(event.target.value));
    this.part("stream")?.addEventListener("click", () => this.toggleStream());
    this.part("clear")?.addEventListener("click", () => this.clear());
    this.part("wrap")?.addEventListener("click", (event) => this.wrap(event.currentTarget));
    this.part("auto")?.addEventListener("change", (event) => this.auto(Number(event.target.value)));
    this.part("down")?.addEventListener("click", () => this.toEnd());
    this.box.addEventListener("scroll", () => this.scrolled(), { passive: true });
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
    if (!this.streaming) {
      this.told();
      // What waits while the stream stands still is kept within the same bound.
      if (this.waiting.length > this.limit) this.waiting.splice(0, this.waiting.length - this.limit);
      return;
    }
    this.schedule();
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.write();
    });
  }

  write() {
    const lines = this.waiting;
    if (lines.length === 0) return;
    this.waiting = [];
    if (lines[0].reset) {
      lines.shift();
      this.box.replaceChildren();
      this.count = 0;
      this.dropped = 0;
    }
    let group = this.box.lastElementChild;
    for (const { look, text } of lines.slice(-this.limit)) {
      if (!group || group.childElementCount >= GROUP) {
        group = document.createElement("div");
        group.className = "log-group";
        this.box.append(group);
      }
      const line = document.createElement("div");
      line.className = `log-line log-${look}`;
      line.textContent = text;
      group.append(line, "\n");
      this.count += 1;
      if (this.needle) this.match(line);
    }
    while (this.count > this.limit && this.box.childElementCount > 1) {
      const first = this.box.firstElementChild;
      this.count -= first.childElementCount;
      this.dropped += first.childElementCount;
      first.remove();
    }
    this.updated = new Date();
    this.told();
    if (this.follows) this.toEnd();
  }

  told() {
    this.part("empty").hidden = this.count > 0;
    const words = [`${this.count.toLocaleString("en")} line${this.count === 1 ? "" : "s"}`];
    if (this.needle) words.push(`${this.hits.toLocaleString("en")} with “${this.needle}”`);
    if (this.dropped) words.push(`${this.dropped.toLocaleString("en")} older ones left out, see Download`);
    const waiting = this.waiting.filter((line) => !line.reset).length;
    if (!this.streaming && waiting) words.push(`${waiting.toLocaleString("en")} new ones wait`);
    this.part("count").textContent = words.join(" · ");
    if (this.updated) this.part("updated").textContent = `Updated ${this.updated.toLocaleTimeString()}`;
  }

  // Searching hides what does not match and marks what does.
  search() {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => {
      this.needle = this.part("search").value.trim();
      this.hits = 0;
      for (const line of this.box.querySelectorAll(".log-line")) this.match(line);
      this.told();
      this.announce(this.needle ? `${this.hits} lines match` : "All lines are shown");
      if (this.follows) this.toEnd();
    }, 120);
  }

  match(line) {
    const text = line.textContent;
    if (line.firstElementChild) line.textContent = text;
    if (!this.needle) return void line.classList.remove("log-miss");
    const at = text.toLowerCase().indexOf(this.needle.toLowerCase());
    line.classList.toggle("log-miss", at < 0);
    if (at < 0) return;
    this.hits += 1;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(at, at + this.needle.length);
    line.replaceChildren(text.slice(0, at), mark, text.slice(at + this.needle.length));
  }

  level(name) {
    this.box.dataset.level = name;
    if (this.follows) this.toEnd();
  }

  toggleStream() {
    this.streaming = !this.streaming;
    this.part("stream").setAttribute("aria-pressed", String(this.streaming));
    this.announce(this.streaming ? "The log is streamed" : "The log stands still");
    if (this.streaming) this.schedule();
    this.told();
  }

  clear() {
    this.box.replaceChildren();
    this.count = 0;
    this.hits = 0;
    this.dropped = 0;
    this.waiting = [];
    this.told();
    this.announce("The view is empty. Nothing was deleted on the server.");
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
    const atEnd = scrollHeight - scrollTop - clientHeight < 24;
    if (atEnd) this.follows = true;
    else if (scrollTop < this.top) this.follows = false;
    this.top = scrollTop;
    this.part("down").hidden = this.follows;
  }

  toEnd() {
    this.follows = true;
    this.box.scrollTop = this.box.scrollHeight;
    this.top = this.box.scrollTop;
    this.part("down").hidden = true;
  }
}

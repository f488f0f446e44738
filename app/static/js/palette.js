/* The palette (Ctrl K): what the server finds by a few letters or digits, what was opened lately, and commands. */
(function () {
  "use strict";
  const V = window.V;
  const fold = (text) => text.toLowerCase().replace(/ё/g, "е");
  const PAUSE = 120;

  V.on("click", "[data-palette]", () => V.open(document.getElementById("palette")));

  V.each("#palette", (dialog) => {
    const box = dialog.querySelector("input"), list = dialog.querySelector("[role=listbox]");
    const hits = dialog.querySelector("[data-hits]"), head = dialog.querySelector("[data-commands]");
    const nothing = dialog.querySelector(".v-pallist > p");
    const line = list.querySelector("[data-line]");
    const commands = [...list.querySelectorAll("[role=option]")].filter((item) => item !== line);
    const shown = () => [...list.querySelectorAll("[role=option]:not([hidden])")];
    let timer = 0, asked = null, late = false;

    function mark(item) {
      let number = 0;
      for (const each of list.querySelectorAll("[role=option]")) {
        each.id = each.id || `palette-${++number}-${Math.random().toString(36).slice(2, 8)}`;
        each.classList.toggle("on", each === item);
        each.setAttribute("aria-selected", String(each === item));
      }
      if (item) { item.scrollIntoView({ block: "nearest" }); box.setAttribute("aria-activedescendant", item.id); } else box.removeAttribute("aria-activedescendant");
    }
    function filter() {
      const wanted = fold(box.value).split(/\s+/).filter(Boolean);
      for (const item of commands) {
        const starts = fold(item.textContent).split(/[\s:«»]+/);
        item.hidden = !wanted.every((part) => starts.some((word) => word.startsWith(part)));
      }
      head.hidden = commands.every((item) => item.hidden);
      if (line) offer(box.value.trim());
    }
    /* «Ирина 8 900 000 12 34 окна в дачу» is somebody at the phone: it may become a lead as it is. */
    function offer(typed) {
      line.hidden = !/\p{L}{2}/u.test(typed) || !(/\d{10}/.test(typed.replace(/[\s()+-]/g, "")) || /@\w{3}/.test(typed));
      line.href = `${line.dataset.line}?line=${encodeURIComponent(typed)}`;
      line.querySelector(".el").textContent = line.dataset.words.replace("{line}", () => typed);
    }
    function done() { nothing.hidden = late || shown().length > 0; mark(shown()[0]); }
    /** Whether what is shown now is the answer to what is typed. */
    async function ask() {
      if (asked) asked.abort();
      asked = new AbortController();
      const mine = asked, typed = box.value;
      const answer = await V.fetch(`${dialog.dataset.search}?q=${encodeURIComponent(typed)}`, { signal: mine.signal });
      const found = answer && answer.ok ? await answer.text().catch(() => null) : null;
      if (mine !== asked || box.value !== typed) return false;
      late = false;
      if (answer && answer.status === 429) V.toast({ kind: "bad", words: V.words.too_often });
      if (found !== null) hits.innerHTML = found;
      done();
      return found !== null;
    }
    function look(pause) { clearTimeout(timer); late = true; filter(); done(); timer = setTimeout(ask, pause); }

    dialog.addEventListener("v:shown", () => { box.value = ""; hits.innerHTML = ""; look(0); box.focus(); });
    dialog.addEventListener("close", () => { clearTimeout(timer); if (asked) asked.abort(); asked = null; });
    box.addEventListener("input", () => look(PAUSE));
    box.addEventListener("keydown", (event) => {
      const all = shown(), at = all.findIndex((item) => item.classList.contains("on"));
      if (event.code === "ArrowDown" || event.code === "ArrowUp") {
        event.preventDefault();
        if (all.length) mark(all[(at + (event.code === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
      } else if (event.code === "Enter") {
        event.preventDefault();
        /* Whoever types and presses Enter at once means what is being looked for, not the first command. */
        if (late) { clearTimeout(timer); ask().then((fresh) => { const first = shown()[0]; if (fresh && first) first.click(); }); } else if (all[at]) all[at].click();
      }
    });
    list.addEventListener("click", (event) => { if (event.target.closest("button[role=option]")) dialog.close(); });
  });

  /* A card that stays open for a moment is remembered as opened. */
  const card = /^\/(deals|clients|leads)\/(\d{1,15})$/.exec(location.pathname);
  if (card && document.getElementById("palette")) {
    setTimeout(() => V.fetch(`/search/opened/${card[1].slice(0, -1)}/${card[2]}`, { method: "POST", keepalive: true }), 1000);
  }
})();

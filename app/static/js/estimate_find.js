/* The search row of an estimate: the price list by the beginnings of words; Enter takes the first, an own line is last. */
(function () {
  "use strict";
  const V = window.V;

  V.each("#estimate[data-editable=y]", (root) => {
    const E = V.estimate;
    const box = document.getElementById("e-find");
    const list = document.getElementById("e-found");
    let found = [];
    let on = 0;
    let asked = null;
    let timer = 0;
    /* Enter was pressed and its list is on its way: what is typed meanwhile must not ask for another. */
    let entered = false;

    const text = () => box.value.trim();
    const make = (tag, name, words) => Object.assign(document.createElement(tag), { className: name, textContent: words || "" });

    function option(item, n) {
      const line = make("div", "v-mi" + (n === on ? " on" : "") + (item.own ? " own" : ""));
      line.id = "e-found-" + n;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(n === on));
      if (item.own) line.append(make("span", "acc", "+ " + box.dataset.own.replace("{q}", text())));
      else {
        line.append(make("span", "m el", item.name), make("span", "mut s12 nw", item.unit), make("span", "mut3 s12 nw desk", item.sku), make("span", "push num nw", item.said));
        if (n === on) line.append(make("span", "v-kbd desk", "Enter"));
      }
      line.addEventListener("pointerdown", (event) => { event.preventDefault(); take(n); });
      return line;
    }
    function draw() {
      const open = Boolean(text()) && document.activeElement === box;
      list.hidden = !open;
      box.setAttribute("aria-expanded", String(open));
      if (!open) return box.removeAttribute("aria-activedescendant");
      list.replaceChildren(...items().map(option));
      box.setAttribute("aria-activedescendant", "e-found-" + on);
      const chosen = list.children[on];
      if (chosen) chosen.scrollIntoView({ block: "nearest" });
    }
    const items = () => [...found, { own: true }];

    async function search(pressed) {
      if (asked) asked.abort();
      asked = new AbortController();
      const query = pressed || text();
      if (!query || !root.dataset.findUrl) { found = []; return draw(); }
      const response = await V.fetch(root.dataset.findUrl + "?q=" + encodeURIComponent(query), { signal: asked.signal, headers: { Accept: "application/json" } });
      const answer = response && response.ok ? await response.json().catch(() => null) : null;
      if (!answer || (!pressed && query !== text())) return;
      found = answer.results;
      on = 0;
      draw();
    }
    /** Puts an item into the estimate; `more` was typed after Enter, while the list was on its way: a number is the
        cell's, words are looked for next. */
    function take(n, named = text(), more = "") {
      const item = items()[n];
      if (!item) return;
      const last = E.rows().filter((row) => row.parentNode.dataset.section === (E.section || "goods")).pop();
      const line = item.own ? { name: named, section: E.section } : { ...item, quantity: "1" };
      const row = E.add(line, item.own ? last : undefined);
      box.value = "";
      found = [];
      draw();
      E.touch();
      const cell = row.querySelector('[data-col="' + (item.own ? "price" : "quantity") + '"]');
      cell.focus();
      cell.select();
      if (!more) return;
      if (!/^[\d\s.,]*$/.test(more)) {
        box.focus();
        box.value = more;
        box.dispatchEvent(new Event("input", { bubbles: true }));
        return;
      }
      cell.value = more;
      /* A value that is the same as before leaves everything selected, and the next key would overwrite it. */
      cell.setSelectionRange(more.length, more.length);
      cell.dispatchEvent(new Event("input", { bubbles: true }));
    }

    box.addEventListener("input", () => { if (entered) return; clearTimeout(timer); on = 0; draw(); timer = setTimeout(async () => { await search(); timer = 0; }, 120); });
    box.addEventListener("focus", draw);
    box.addEventListener("blur", () => setTimeout(draw, 0));
    box.addEventListener("keydown", async (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.code];
      if (step && !event.altKey) {
        event.preventDefault();
        if (!text() && step < 0) { const last = E.rows().pop(); if (last) last.querySelector('[data-col="name"]').focus(); return; }
        on = (on + step + items().length) % items().length;
        draw();
      } else if (event.code === "Enter" || event.code === "NumpadEnter") {
        event.preventDefault();
        if (!text() || entered) return;
        /* Who types faster than the list comes means what is typed now. */
        const [typed, named] = [box.value, text()];
        if (timer && !on) {
          clearTimeout(timer);
          timer = 0;
          entered = true;
          try { await search(named); } finally { entered = false; }
        }
        take(on, named, box.value.startsWith(typed) ? box.value.slice(typed.length) : "");
      } else if (event.code === "Escape") { box.value = ""; found = []; draw(); }
    });
  });
})();

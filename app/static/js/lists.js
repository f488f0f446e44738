/* Lists: the row under the keys, selection with its bar, the filter's window. */
(function () {
  "use strict";
  const V = window.V;

  V.each("form[data-bulk]", (bar) => {
    const table = document.querySelector(bar.dataset.bulk);
    const boxes = () => [...table.querySelectorAll('input[name="rowid"]')];
    const head = table.querySelector("[data-all]");
    let last = null;

    function show() {
      const all = boxes(), chosen = all.filter((box) => box.checked);
      for (const box of all) box.closest("tr, [data-row]").classList.toggle("sel", box.checked);
      if (head) { head.checked = chosen.length > 0 && chosen.length === all.length; head.indeterminate = chosen.length > 0 && chosen.length < all.length; }
      bar.hidden = !chosen.length;
      bar.querySelector("[data-selected]").textContent = V.count("selected", chosen.length);
      const every = bar.querySelector("button[data-every]");
      if (every) {
        every.hidden = !(chosen.length && chosen.length === all.length);
        if (chosen.length !== all.length) bar.elements.every.value = "";
      }
    }

    table.addEventListener("change", (event) => {
      if (event.target === head) for (const box of boxes()) box.checked = head.checked;
      show();
    });
    table.addEventListener("click", (event) => {
      if (event.target.name !== "rowid") return;
      const all = boxes();
      if (event.shiftKey && last) {
        const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
        for (const box of all.slice(from, to + 1)) box.checked = event.target.checked;
      }
      last = event.target;
      show();
    });
    V.on("click", "[data-unselect]", () => { for (const box of boxes()) box.checked = false; show(); });
    V.on("click", "button[data-every]", (event, button) => {
      bar.elements.every.value = "1";
      bar.querySelector("[data-selected]").textContent = button.dataset.words;
      button.hidden = true;
    });
    show();
  });

  /* A row is a target as a whole; links, boxes and selected text inside it keep their own meaning. */
  V.on("click", "tr[data-href], [data-row][data-href]", (event, row) => {
    if (event.target.closest("a, button, input, label, select, summary") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href); else location.href = row.dataset.href;
  });

  /* Keys: J and K walk, Enter opens, X selects, E edits (keys.js calls). */
  const rows = () => [...document.querySelectorAll("[data-rows] > [data-row], tbody[data-rows] > tr")].filter(V.visible);
  const current = () => document.querySelector(".v-current");
  V.row = {
    step(by) {
      const all = rows();
      if (!all.length) return false;
      const next = all[Math.min(Math.max(all.indexOf(current()) + by, 0), all.length - 1)];
      if (current()) current().classList.remove("v-current");
      next.classList.add("v-current");
      next.scrollIntoView({ block: "nearest" });
      const link = next.querySelector("a");
      if (link) link.focus({ preventScroll: true });
      return true;
    },
    open() { const row = current(); if (row && row.dataset.href) location.href = row.dataset.href; return Boolean(row); },
    select() { const box = current() && current().querySelector('input[name="rowid"]'); if (box) box.click(); return Boolean(box); },
    edit() { const row = current(); if (row && row.dataset.edit) location.href = row.dataset.edit; return Boolean(row && row.dataset.edit); },
  };

  /* The filter's window: an operation names the parameter, empty rows are not sent. */
  V.each("form[data-filter]", (form) => {
    const rename = (row) => {
      const op = row.querySelector("[data-op]");
      const box = row.querySelector("[data-value]");
      if (op && box) { box.dataset.name = "_flt_" + op.value + "_" + row.dataset.column; }
    };
    for (const row of form.querySelectorAll("[data-column]")) {
      rename(row);
      row.addEventListener("change", () => rename(row));
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const params = new URLSearchParams();
      for (const kept of form.querySelectorAll("input[type=hidden][data-keep]")) params.append(kept.name, kept.value);
      for (const row of form.querySelectorAll("[data-column]")) {
        const box = row.querySelector("[data-value]");
        if (!box) continue;
        const values = box.multiple ? [...box.selectedOptions].map((option) => option.value) : [box.type === "checkbox" ? (box.checked ? "1" : "") : box.value];
        if (box.hasAttribute("data-date")) values[0] = values[0].replace(/^(\d{2})\.(\d{2})\.(\d{4})$/, "$3-$2-$1");
        for (const value of values) if (value.trim() && value !== "__None") params.append(box.dataset.name, value);
      }
      location.href = form.action.split("?")[0] + (String(params) && "?" + params);
    });
  });
})();

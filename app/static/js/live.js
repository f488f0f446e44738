/* A page that keeps itself fresh: data-live="/day/now" is asked for again, with what the address
   narrows it by, after a change and every data-every seconds.
   The row under the keys, the focus, what is chosen and what is unfolded stay where they were. */
(function () {
  "use strict";
  const V = window.V;

  const rows = (part) => [...part.querySelectorAll("[data-row][id]")];
  const controls = (row) => [...row.querySelectorAll("a[href], button, input, summary")];
  const busy = (part) => part.querySelector(":popover-open") || document.querySelector("dialog[open]") || part.querySelector(".htmx-request");

  function place(part) {
    const all = rows(part), current = part.querySelector(".v-current"), focused = document.activeElement;
    const around = part.contains(focused) ? focused.closest("[data-row][id]") : null;
    return {
      ids: all.map((row) => row.id),
      current: current && current.id,
      focus: around && { row: around.id, control: controls(around).indexOf(focused) },
      focusId: part.contains(focused) && !around ? focused.id : "",
      chosen: [...part.querySelectorAll("input[name=rowid]:checked")].map((box) => box.value),
      unfolded: [...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open]),
    };
  }

  /** The same row, or the one that has come to stand in its place. */
  function standing(part, was, id) {
    const same = document.getElementById(id);
    if (same && part.contains(same)) return same;
    const after = was.ids.slice(was.ids.indexOf(id) + 1).find((other) => document.getElementById(other));
    return document.getElementById(after || "") || rows(part).at(-1) || null;
  }

  function restore(part, was) {
    for (const [id, open] of was.unfolded) { const one = document.getElementById(id); if (one) one.open = open; }
    for (const box of part.querySelectorAll("input[name=rowid]")) box.checked = was.chosen.includes(box.value);
    const row = was.current ? standing(part, was, was.current) : null;
    if (row) {
      row.classList.add("v-current");
      /* The window that was just closed gave the focus back to a row that is there no more. */
      if (document.activeElement === document.body && row.querySelector("a")) row.querySelector("a").focus({ preventScroll: true });
    }
    if (was.focus) {
      const row = standing(part, was, was.focus.row);
      const all = row ? controls(row) : [];
      const next = row && row.id === was.focus.row ? all[was.focus.control] || all[0] : all.find((one) => one.matches("a"));
      if (next) next.focus({ preventScroll: true });
    } else if (was.focusId) {
      const one = document.getElementById(was.focusId);
      if (one) one.focus({ preventScroll: true });
    }
    part.dispatchEvent(new Event("change", { bubbles: false }));
  }

  /* The menu says what the page shows. */
  function counters(part) {
    const said = part.querySelector("[data-counters]");
    if (!said) return;
    for (const [key, [count, hot]] of Object.entries(JSON.parse(said.dataset.counters)))
      for (const link of document.querySelectorAll('[data-place="' + key + '"]')) {
        let mark = link.querySelector("[data-cnt]");
        if (!mark) continue;
        mark.hidden = !count || (mark.hasAttribute("data-hot-only") && !hot);
        mark.textContent = count < 100 ? count : "99+";
        mark.classList.toggle("hot", Boolean(hot));
      }
  }

  async function refresh(part) {
    const was = place(part);
    await htmx.ajax("GET", part.dataset.live + location.search, { target: part, swap: "innerHTML", source: part });
    restore(part, was);
    counters(part);
  }

  const fresh = () => Promise.all([...document.querySelectorAll("[data-live]")].map(refresh));
  let turn = Promise.resolve(), later = 0;
  document.addEventListener("v:changed", () => {
    for (const dialog of document.querySelectorAll("#window > dialog[open]")) dialog.close();
    turn = turn.then(fresh, fresh);
    /* What a worker does with it (a message that leaves) shows a moment later. */
    clearTimeout(later);
    later = setTimeout(() => { if (!document.querySelector("[data-live] :popover-open, dialog[open]")) turn = turn.then(fresh, fresh); }, 3000);
  });

  V.each("[data-live]", (part) => {
    const seconds = Number(part.dataset.every);
    if (seconds) setInterval(() => { if (!document.hidden && !busy(part)) turn = turn.then(fresh, fresh); }, seconds * 1000);
  });

  /* Undo in a toast changes what the page shows, and needs no other page either. */
  V.on("submit", ".v-toast form", async (event, form) => {
    if (!document.querySelector("[data-live]")) return;
    event.preventDefault();
    const response = await V.fetch(form.action, { method: "POST", headers: { "HX-Request": "true", "X-Live": "1" } });
    form.closest(".v-toast").remove();
    if (!response) return;
    const said = JSON.parse(response.headers.get("HX-Trigger") || "{}");
    for (const [name, detail] of Object.entries(said)) document.dispatchEvent(new CustomEvent(name, { detail }));
    if (!said["v:changed"]) document.dispatchEvent(new CustomEvent("v:changed"));
  });
})();

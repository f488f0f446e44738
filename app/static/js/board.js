/* The board: drag by the grip, S or the dots for the menu, tabs and swipes on a phone. */
(function () {
  "use strict";
  const V = window.V;
  const root = document.getElementById("board");
  const board = () => root.querySelector("[data-board]");
  const lists = () => [...root.querySelectorAll("[data-list]")];
  const onPhone = () => window.matchMedia("(max-width: 760px)").matches;
  let dragged = null; /* {card, from, next}: where the card came from, to put it back */

  /** Draw the inner part anew and stay where we were. */
  async function refresh() {
    const scrolls = lists().map((list) => list.scrollTop);
    const [left, number] = [board().scrollLeft, document.activeElement.dataset && document.activeElement.dataset.number];
    const response = await V.fetch(location.href, { headers: { "HX-Request": "true" } });
    if (!response || !response.ok) return;
    root.innerHTML = await response.text();
    htmx.process(root);
    lists().forEach((list, at) => { list.scrollTop = scrolls[at] || 0; });
    board().scrollLeft = left;
    tabInSight();
    const total = root.querySelector("[data-total]");
    const place = document.getElementById("board-total");
    if (total && place) place.textContent = total.dataset.total;
    const card = number && root.querySelector('[data-number="' + number + '"]');
    if (card) card.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("v:drawn"));
  }
  document.addEventListener("v:moved", refresh);
  /* Somebody else has moved a card: drawn anew as soon as no hand is on the board. */
  const busy = () => dragged || document.hidden || document.querySelector("dialog[open], .k-quick, [popover]:popover-open:not(#toasts)");
  let owed = false;
  async function follow() {
    owed = Boolean(busy());
    if (!owed) await refresh();
  }
  document.addEventListener("v:fresh", follow);
  setInterval(() => owed && follow(), 1500);
  /* Back from a card: the page that the browser kept is older than the deals. */
  window.addEventListener("pageshow", (event) => event.persisted && refresh());
  document.addEventListener("v:stayed", (event) => { putBack(); if (event.detail) refresh(); });

  function putBack() {
    if (!dragged) return;
    const { card, from, next } = dragged;
    dragged = null;
    from.insertBefore(card, next && next.parentNode === from ? next : null);
    card.classList.add("k-returned");
    setTimeout(() => card.classList.remove("k-returned"), 400);
  }

  async function move(card, stage) {
    const body = new FormData();
    body.set("stage", stage);
    body.set("version", card.dataset.version);
    body.set("from", "board");
    body.set("next", location.pathname + location.search);
    if (await V.moveDeal("/deals/" + card.dataset.number + "/move", body)) { dragged = null; refresh(); }
    else if (!document.querySelector("dialog[open]")) putBack();
  }

  /* ── drag ── */
  V.each("[data-board]", (element) => {
    if (!element.dataset.mayMove || !window.Sortable || onPhone()) return;
    for (const list of element.querySelectorAll("[data-list]")) {
      Sortable.create(list, {
        group: "deals", handle: ".v-grab", draggable: ".k-card", animation: 130, delay: 120, delayOnTouchOnly: true,
        ghostClass: "k-ghosted", dragClass: "drag", scroll: true,
        onStart: begin,
        onMove: (event) => { hint(event.to); },
        onEnd: end,
      });
    }
  });

  async function begin(event) {
    dragged = { card: event.item, from: event.from, next: event.item.nextSibling };
    root.classList.add("dragging");
    const response = await V.fetch("/deals/" + event.item.dataset.number + "/gates");
    if (!response || !response.ok || !dragged) return;
    const gates = await response.json();
    for (const list of lists()) {
      const missing = gates[list.dataset.list];
      if (missing) list.dataset.hint = missing.length ? V.count("board_missing", missing.length) : V.words.board_drop;
    }
  }
  function hint(list) {
    for (const each of lists()) each.classList.toggle("over", each === list && each !== (dragged || {}).from);
  }
  function end(event) {
    root.classList.remove("dragging");
    hint(null);
    for (const list of lists()) delete list.dataset.hint;
    if (event.to === event.from) { dragged = null; return; }
    move(event.item, event.to.dataset.list);
  }

  /* ── the menu: dots, S, arrows ── */
  let chosen = null;
  function openMenu(card) {
    const menu = document.getElementById("move-menu");
    if (!menu || !card) return false;
    chosen = card;
    menu.opener = card.querySelector("[data-menu]");
    const here = card.closest("[data-list]").dataset.list;
    for (const item of menu.querySelectorAll("[data-to]")) item.hidden = item.dataset.to === here;
    menu.showPopover();
    /* At once, so that keys pressed in a row reach it; the current stage's own item is hidden. */
    menu.querySelector("[data-to]:not([hidden])").focus();
    return true;
  }
  /* On a phone only one column is there to drop on: the grip opens the menu too. */
  V.on("click", ".v-grab", (event, grip) => { if (onPhone()) { event.preventDefault(); openMenu(grip.closest(".k-card")); } });
  V.on("click", "[data-menu]", (event, button) => { event.preventDefault(); openMenu(button.closest(".k-card")); });
  V.on("click", "[data-to]", (event, item) => {
    document.getElementById("move-menu").hidePopover();
    if (!chosen) return;
    chosen.focus();
    move(chosen, item.dataset.to);
  });

  const typing = (element) => element.matches && element.matches("input, select, textarea, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open], [popover]:popover-open:not(#toasts)")) return;
    const focused = document.activeElement.closest && document.activeElement.closest(".k-card");
    const card = focused || root.querySelector(".k-card.v-current");
    if (event.code === "KeyS" && !event.shiftKey && document.body.dataset.keys !== "off" && card) {
      if (openMenu(card)) { event.preventDefault(); event.stopImmediatePropagation(); }
    } else if (event.shiftKey && ["ArrowLeft", "ArrowRight"].includes(event.code) && focused && board().dataset.mayMove) {
      const columns = [...root.querySelectorAll(".k-col")], at = columns.indexOf(card.closest(".k-col"));
      const to = columns[at + (event.code === "ArrowRight" ? 1 : -1)];
      if (to) { event.preventDefault(); move(card, to.dataset.stage); }
    } else if (event.code === "Enter" && event.target === focused) location.href = focused.dataset.href;
    else if (["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].includes(event.code) && card && !event.shiftKey) {
      const to = neighbour(card, event.code);
      if (to) { event.preventDefault(); to.focus(); to.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    }
  }, true);
  function neighbour(card, code) {
    const list = card.closest("[data-list]");
    const cards = [...list.querySelectorAll(".k-card")];
    const at = cards.indexOf(card);
    if (code === "ArrowUp" || code === "ArrowDown") return cards[at + (code === "ArrowDown" ? 1 : -1)];
    const columns = [...root.querySelectorAll(".k-col [data-list]")].filter((one) => one.querySelector(".k-card"));
    const beside = columns[columns.indexOf(list) + (code === "ArrowRight" ? 1 : -1)];
    const there = beside ? [...beside.querySelectorAll(".k-card")] : [];
    return there[Math.min(at, there.length - 1)];
  }

  /* ── a phone: one stage at a time ── */
  const tabInSight = () => {
    const tab = onPhone() && root.querySelector("[data-stages] .on");
    if (tab) tab.scrollIntoView({ block: "nearest", inline: "center" });
  };
  tabInSight();
  function show(code) {
    for (const element of root.querySelectorAll(".k-col, [data-stages] [data-stage]")) {
      const on = element.dataset.stage === code;
      element.classList.toggle("on", on);
      if (element.matches("a")) { if (on) { element.setAttribute("aria-current", "true"); element.scrollIntoView({ block: "nearest", inline: "center" }); } else element.removeAttribute("aria-current"); }
    }
    const address = new URL(location.href);
    address.searchParams.set("stage", code);
    history.replaceState(null, "", address);
  }
  V.on("click", "[data-stages] [data-stage]", (event, tab) => { event.preventDefault(); show(tab.dataset.stage); });
  let touch = null;
  root.addEventListener("touchstart", (event) => {
    touch = event.target.closest(".v-grab, .k-stages") ? null : { x: event.touches[0].clientX, y: event.touches[0].clientY };
  }, { passive: true });
  root.addEventListener("touchend", (event) => {
    if (!touch || !onPhone()) return;
    const [dx, dy] = [event.changedTouches[0].clientX - touch.x, event.changedTouches[0].clientY - touch.y];
    touch = null;
    if (Math.abs(dx) < 70 || Math.abs(dx) < Math.abs(dy) * 1.6) return;
    const codes = [...root.querySelectorAll("[data-stages] [data-stage]")].map((tab) => tab.dataset.stage);
    const on = codes.indexOf((root.querySelector("[data-stages] .on") || {}).dataset.stage);
    const to = codes[on + (dx < 0 ? 1 : -1)];
    if (to) show(to);
  }, { passive: true });

  /* ── a deal out of one line ── */
  V.on("click", "[data-quick]", (event, button) => {
    const open = root.querySelector(".k-quick");
    if (open) open.remove();
    const form = document.getElementById("quick").content.firstElementChild.cloneNode(true);
    form.dataset.stage = button.dataset.quick;
    const list = button.closest(".k-col").querySelector("[data-list]");
    list.prepend(form);
    list.scrollTop = 0;
    form.elements.title.focus();
  });
  V.on("click", "[data-quick-off]", (event, button) => button.closest("form").remove());
  root.addEventListener("keydown", (event) => {
    const form = event.target.closest(".k-quick");
    if (form && event.code === "Escape" && !form.querySelector(".dropdown-active")) { event.preventDefault(); const add = form.closest(".k-col").querySelector("[data-quick]"); form.remove(); add.focus(); }
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-quick-form]")) return;
    event.preventDefault();
    const body = new FormData(form);
    if (!body.get("title").trim() && !body.get("client")) return form.elements.title.focus();
    const response = await V.fetch("/deals/quick" + location.search, { method: "POST", body, headers: { Accept: "application/json" } });
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    if (!response) return;
    if (!response.ok) {
      const said = await response.json().catch(() => ({}));
      return V.toast({ kind: "bad", words: said.message || V.words.failed });
    }
    const made = await response.json(), stage = form.dataset.stage;
    form.remove();
    await refresh();
    const card = root.querySelector('[data-number="' + made.number + '"]');
    if (card) { card.focus(); card.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    /* Another stage asks at its gate: whoever stops there has the deal on the first one. */
    if (stage !== made.stage) {
      const asked = new FormData();
      for (const [name, value] of [["stage", stage], ["version", made.version], ["from", "board"], ["next", location.pathname + location.search]]) asked.set(name, value);
      if (await V.moveDeal("/deals/" + made.number + "/move", asked)) refresh();
    }
  });
})();

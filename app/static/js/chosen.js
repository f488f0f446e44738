/* Several cards of the board: by their boxes, by X, with Ctrl one by one, with Shift all between; what is done with them. */
(function () {
  "use strict";
  const V = window.V;
  const root = document.getElementById("board");
  const bar = document.querySelector("[data-chosen-bar]");
  if (!root || !bar) return;
  const chosen = new Set();
  const boxes = () => [...root.querySelectorAll(".k-sel")];
  let last = null; /* the number of the card that was chosen last */

  function show() {
    for (const box of boxes()) {
      box.checked = chosen.has(box.value);
      box.closest(".k-card").classList.toggle("sel", box.checked);
    }
    root.classList.toggle("choosing", chosen.size > 0);
    bar.hidden = !chosen.size;
    if (chosen.size) bar.querySelector("[data-chosen-count]").textContent = V.count("selected", chosen.size);
    for (const place of document.querySelectorAll("[data-numbers]")) place.replaceChildren(...[...chosen].map((number) => {
      const made = document.createElement("input");
      made.type = "hidden";
      made.name = "number";
      made.value = number;
      return made;
    }));
    for (const here of document.querySelectorAll("[data-here]")) here.value = location.pathname + location.search;
  }
  function toggle(number, on) {
    if (on === undefined ? chosen.has(number) : !on) chosen.delete(number); else chosen.add(number);
    last = number;
    show();
  }
  /** All between the last chosen card and this one, down the columns. */
  function reach(number) {
    const all = boxes().map((box) => box.value), from = all.indexOf(last), to = all.indexOf(number);
    if (from < 0) return toggle(number, true);
    for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) chosen.add(one);
    last = number;
    show();
  }
  root.addEventListener("click", (event) => {
    const card = event.target.closest(".k-card[data-number]");
    if (!card || event.target.closest(".k-dots, .v-grab")) return;
    const box = event.target.closest(".k-sel");
    if (!box && !event.shiftKey && !event.ctrlKey && !event.metaKey) return;
    if (!card.querySelector(".k-sel")) return;
    event.stopPropagation();
    if (!box) event.preventDefault();
    const number = card.dataset.number;
    if (event.shiftKey) { reach(number); getSelection().removeAllRanges(); } else toggle(number, box ? box.checked : undefined);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.target.closest && event.target.closest("input, select, textarea, dialog, [popover]")) return;
    if (event.code === "Escape" && chosen.size && !document.querySelector("dialog[open], [popover]:popover-open:not(#toasts)")) { chosen.clear(); show(); return; }
    const card = document.activeElement.closest && document.activeElement.closest(".k-card[data-number]");
    if (event.code !== "KeyX" || !card || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.shiftKey) reach(card.dataset.number); else toggle(card.dataset.number);
  }, true);
  V.on("click", "[data-chosen-none]", () => { chosen.clear(); show(); });
  /* After the board was drawn anew: what is no longer there cannot be chosen. */
  document.addEventListener("v:drawn", () => {
    const there = new Set(boxes().map((box) => box.value));
    for (const number of [...chosen]) if (!there.has(number)) chosen.delete(number);
    show();
  });
})();

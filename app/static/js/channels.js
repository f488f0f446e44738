/* The card of a channel: choosing who sends fills in that sender's usual names, where nothing of one's own was typed. */
(function () {
  "use strict";
  const V = window.V;
  V.each("[data-preset]", (select) => {
    const usual = JSON.parse(document.getElementById("presets").textContent);
    let before = select.value;
    select.addEventListener("change", () => {
      for (const box of document.querySelectorAll("[data-map]")) {
        const old = usual[before][box.dataset.map];
        if (box.value === old || !box.value.trim()) box.value = usual[select.value][box.dataset.map];
      }
      before = select.value;
    });
  });
})();

/* The fields of a form of our own: moved by the grip, by Alt with the arrows, or by their buttons. */
(function () {
  "use strict";
  const V = window.V;
  V.each("[data-order]", (list) => {
    const changed = () => list.dispatchEvent(new Event("input", { bubbles: true }));
    const move = (row, up) => {
      const other = up ? row.previousElementSibling : row.nextElementSibling;
      if (!other) return;
      list.insertBefore(row, up ? other : other.nextElementSibling);
      changed();
    };
    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-up],[data-down]");
      if (!button) return;
      move(button.closest("[data-ask]"), "up" in button.dataset);
      button.focus();
    });
    list.addEventListener("keydown", (event) => {
      if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      move(event.target.closest("[data-ask]"), event.key === "ArrowUp");
      event.target.focus();
    });
    if (window.Sortable) new window.Sortable(list, { handle: "[data-grip]", animation: 120, onEnd: changed });
  });
})();

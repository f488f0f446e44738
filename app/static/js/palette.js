/* The palette (Ctrl K): pages and things to create, found by the beginning of a word, walked with the arrows. */
(function () {
  "use strict";
  const V = window.V;
  const fold = (text) => text.toLowerCase().replace(/ё/g, "е");

  V.on("click", "[data-palette]", () => V.open(document.getElementById("palette")));

  V.each("#palette", (dialog) => {
    const box = dialog.querySelector("input");
    const items = [...dialog.querySelectorAll("[role=option]")];
    const nothing = dialog.querySelector("[hidden], .v-pallist > p");
    const shown = () => items.filter((item) => !item.hidden);

    function mark(item) {
      for (const each of items) { each.classList.toggle("on", each === item); each.setAttribute("aria-selected", String(each === item)); }
      if (item) item.scrollIntoView({ block: "nearest" });
    }
    function filter() {
      const wanted = fold(box.value).split(/\s+/).filter(Boolean);
      for (const item of items) {
        const starts = fold(item.textContent).split(/[\s:«»]+/);
        item.hidden = !wanted.every((part) => starts.some((word) => word.startsWith(part)));
      }
      nothing.hidden = shown().length > 0;
      mark(shown()[0]);
    }
    dialog.addEventListener("v:shown", () => { box.value = ""; filter(); box.focus(); });
    box.addEventListener("input", filter);
    box.addEventListener("keydown", (event) => {
      const all = shown(), at = all.findIndex((item) => item.classList.contains("on"));
      if (event.code === "ArrowDown" || event.code === "ArrowUp") {
        event.preventDefault();
        if (all.length) mark(all[(at + (event.code === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
      } else if (event.code === "Enter" && all[at]) { event.preventDefault(); all[at].click(); }
    });
  });
})();

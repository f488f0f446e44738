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

/* The plan of a stage: its order by drag and by Alt with arrows. */
(function () {
  "use strict";
  const V = window.V;

  async function save(list, focus) {
    const body = new FormData();
    body.set("ids", [...list.querySelectorAll("[data-id]")].map((one) => one.dataset.id).join(","));
    const response = await V.fetch(list.dataset.order, { method: "POST", body, headers: { "HX-Request": "true", "X-Live": "1" } });
    if (!response || !response.ok) { V.toast({ kind: "bad", words: V.words.failed }); location.reload(); }
    if (focus) focus.focus();
  }
  V.each("[data-order]", (list) => {
    if (window.Sortable) window.Sortable.create(list, { handle: ".v-grab", draggable: ".y-step", animation: 130, onEnd: (event) => { if (event.oldIndex !== event.newIndex) save(list); } });
    list.addEventListener("keydown", (event) => {
      const step = event.target.closest(".y-step");
      if (!step || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.code)) return;
      event.preventDefault();
      const other = event.code === "ArrowUp" ? step.previousElementSibling : step.nextElementSibling;
      if (!other) return;
      list.insertBefore(step, event.code === "ArrowUp" ? other : other.nextElementSibling);
      save(list, step);
    });
  });
})();

/* Tasks: "what next?", moments and likely steps in one tap, the bulk bar, the board by day. */
(function () {
  "use strict";
  const V = window.V;
  /* Every page has it, since any page may bring a task's window; some ask for it once more. */
  if (V.tasks) return;
  V.tasks = true;

  /* "What next?": the button that adds the next task is alive when it is said what is to be done. */
  V.each("[data-needs]", (button) => {
    const box = document.getElementById(button.dataset.needs);
    const look = () => { button.disabled = !box.value.trim(); };
    box.addEventListener("input", look);
    look();
  });

  const put = (id, value) => {
    const box = document.getElementById(id);
    if (!box || value === undefined || value === "") return;
    box.value = value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  V.on("click", "[data-when]", (event, chip) => {
    put(chip.dataset.when + "-on", chip.dataset.on);
    put(chip.dataset.when + "-time", chip.dataset.time);
  });
  V.on("click", "[data-offer]", (event, chip) => {
    const { offer, title, kind, on, time, who } = chip.dataset;
    for (const [name, value] of Object.entries({ title, kind, on, time, who })) put(offer + "-" + name, value);
  });

  /* The boxes of the rows stand outside the bulk bar's form: they are taken along when it is sent. */
  function take(form) {
    for (const old of form.querySelectorAll("[data-taken]")) old.remove();
    for (const box of document.querySelectorAll(form.dataset.take + " input[name=rowid]:checked")) {
      const copy = document.createElement("input");
      Object.assign(copy, { type: "hidden", name: "rowid", value: box.value });
      copy.dataset.taken = "";
      form.append(copy);
    }
  }
  V.each("form[data-take]", (form) => {
    form.addEventListener("submit", () => take(form), true);
    form.addEventListener("click", () => take(form), true);
  });

  /* ── a visit: its free hours are asked for again when person, day, time or length changes ── */
  let picked = false;
  V.on("change", "[data-slots]", (event, box) => {
    const slots = document.getElementById("slots");
    // A free hour that was touched stays where it is, and has the focus.
    if (slots && !(picked && box.id === "v-time")) htmx.trigger(slots, "v:slots");
  });
  V.on("click", "[data-slot]", (event, chip) => {
    picked = true;
    put("v-time", chip.dataset.time);
    picked = false;
    if (chip.dataset.day) put("v-day", chip.dataset.day);
    for (const each of document.querySelectorAll("[data-slot]")) each.classList.toggle("on", each === chip);
    // A free hour is a worked one: what was said of the hour typed before holds no longer.
    document.querySelector("#slots [data-unworked]")?.remove();
  });

  /* ── the board by day: drag by the grip, Alt and arrows on the keyboard ── */
  const lists = () => [...document.querySelectorAll("[data-drop]")].filter((list) => !list.hasAttribute("data-closed"));
  async function drop(card, list) {
    const body = new FormData();
    body.set("day", list.dataset.day);
    const response = await V.fetch("/tasks/" + card.dataset.task + "/day", { method: "POST", body, headers: { "HX-Request": "true" } });
    if (response && !response.ok) V.toast({ kind: "bad", words: V.words.failed });
    document.dispatchEvent(new CustomEvent("v:changed"));
  }
  V.each("[data-drop]", (list) => {
    if (!window.Sortable || window.matchMedia("(max-width: 760px)").matches) return;
    window.Sortable.create(list, {
      group: { name: "days", put: !list.hasAttribute("data-closed") }, handle: ".v-grab", draggable: ".w-card", animation: 130,
      sort: false, ghostClass: "k-ghosted",
      onEnd: (event) => { if (event.to !== event.from) drop(event.item, event.to); },
    });
  });
  V.on("keydown", ".w-card", (event, card) => {
    if (!event.altKey || !["ArrowLeft", "ArrowRight"].includes(event.code)) return;
    event.preventDefault();
    const all = [...document.querySelectorAll("[data-drop]")];
    const step = event.code === "ArrowRight" ? 1 : -1;
    let at = all.indexOf(card.closest("[data-drop]")) + step;
    while (all[at] && all[at].hasAttribute("data-closed")) at += step;
    if (all[at] && lists().includes(all[at])) drop(card, all[at]);
  });
})();

/* Moving a deal, from the board and from its card: the answer is a toast, a dialog that asks, or the page anew. */
(function () {
  "use strict";
  const V = window.V;

  /** POST a move; resolves to true when the deal has moved. */
  V.moveDeal = async (url, body, button) => {
    const response = await V.fetch(url, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (button) free(button);
    if (!response) return false;
    if (response.headers.get("HX-Refresh")) { location.reload(); return true; }
    const told = response.headers.get("HX-Trigger");
    if (told) for (const toast of (JSON.parse(told)["v:toast"] || {}).toasts || []) V.toast(toast);
    const asks = response.headers.get("X-Asks");
    if (response.ok && !asks) return true;
    const text = await response.text();
    if ((asks || response.status === 409) && text) document.getElementById("window").innerHTML = text;
    else if (!told) V.toast({ kind: "bad", words: { 403: V.words.forbidden, 404: V.words.gone }[response.status] || V.words.failed });
    return false;
  };
  const free = (button) => { button.classList.remove("busy"); button.removeAttribute("aria-busy"); button.disabled = false; };

  /* The dialogs of a gate and of a conflict, and the buttons of the card, all send the same form. */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-move]")) return;
    event.preventDefault();
    const button = event.submitter;
    const body = new FormData(form, button);
    const dialog = form.closest("dialog");
    if (await V.moveDeal(form.action, body, button)) {
      if (dialog) { dialog.dataset.moved = "1"; dialog.close(); }
      document.dispatchEvent(new CustomEvent("v:moved"));
    }
  });
  document.addEventListener("close", (event) => {
    if (event.target.matches("[data-gate], [data-stale]") && !event.target.dataset.moved) {
      document.dispatchEvent(new CustomEvent("v:stayed", { detail: event.target.matches("[data-stale]") }));
    }
  }, true);

  /* The button of a gate is alive as soon as every field has something in it. */
  V.each("form[data-move]", (form) => {
    const button = form.querySelector("[data-when-filled]");
    if (!button) return;
    const boxes = [...form.querySelectorAll("[data-field] input[name], [data-field] select[name], [data-field] textarea[name]")];
    const look = () => { button.disabled = boxes.some((box) => !box.value.trim()); button.classList.toggle("disabled", button.disabled); };
    for (const type of ["input", "change"]) form.addEventListener(type, look);
    setTimeout(look, 0);
  });
})();

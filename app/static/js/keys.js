/* Keys (design guide, 7). Bound to event.code, so they work in the Russian layout too; letters are off in inputs. */
(function () {
  "use strict";
  const V = window.V;
  const typing = (element) => element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])");
  const off = () => (localStorage.getItem("keys") || document.body.dataset.keys) === "off";

  V.each("[data-keys-switch]", (box) => {
    box.checked = !off();
    box.addEventListener("change", () => { localStorage.setItem("keys", box.checked ? "on" : "off"); });
  });

  /** Press the visible control that a screen marked with this key: data-key="C". */
  function press(key) {
    const dialog = document.querySelector("dialog[open]");
    for (const control of (dialog || document).querySelectorAll('[data-key="' + key + '"]')) {
      if (!V.visible(control) || control.disabled) continue;
      if (control.matches("input, select, textarea")) control.focus(); else control.click();
      return true;
    }
    return false;
  }

  /** C on a page that makes nothing of its own: what may be made from anywhere. */
  V.create = () => { const dialog = document.getElementById("create"); if (dialog) V.open(dialog); return Boolean(dialog); };

  let waitsForPlace = 0;
  function go(code) {
    waitsForPlace = 0;
    const link = document.querySelector('[data-go="' + code.replace("Key", "") + '"]');
    if (link) location.href = link.href;
    return Boolean(link);
  }

  const acts = {
    KeyJ: () => V.row.step(1) || press("J"),
    KeyK: () => V.row.step(-1) || press("K"),
    KeyX: () => V.row.select(),
    KeyE: () => V.row.edit() || press("E"),
    Enter: () => document.activeElement === document.body && V.row.open(),
    Slash: () => press("/"),
    KeyG: () => { waitsForPlace = Date.now(); return true; },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) {
      if (event.code === "KeyK" && document.getElementById("palette")) { event.preventDefault(); V.open(document.getElementById("palette")); }
      return;
    }
    if (event.altKey || event.isComposing || typing(event.target) || off()) return;
    const inDialog = document.querySelector("dialog[open]");
    if (event.code === "Slash" && event.shiftKey || event.key === "?") {
      if (!inDialog) { event.preventDefault(); V.open(document.getElementById("keys")); }
      return;
    }
    if (event.shiftKey || inDialog && event.code !== "Slash") return;
    const fast = waitsForPlace && Date.now() - waitsForPlace < 1500;
    const letter = /^Key[CFASTMN]$/.test(event.code) ? () => press(event.code.slice(3)) || (event.code === "KeyC" && V.create()) : null;
    const act = fast ? () => go(event.code) : acts[event.code] || letter;
    if (act && act()) event.preventDefault();
  });
})();

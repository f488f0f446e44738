/* Drafts: what is typed in a form marked data-draft="name" survives a closed tab, a lost session and a lost network. */
(function () {
  "use strict";
  const V = window.V;
  const KEEP_DAYS = 14;
  const mine = () => "draft:" + (document.body.dataset.person || "0") + ":";
  const keyOf = (form) => mine() + form.dataset.draft;
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };

  V.dropDraft = (form) => localStorage.removeItem(keyOf(form));

  function keep(form) {
    if (!V.isDirty(form)) return V.dropDraft(form);
    const hidden = [...form.querySelectorAll("input[type=password], input[type=file], [data-nodraft]")].map((box) => box.name);
    const pairs = V.values(form).filter(([name]) => !hidden.includes(name));
    try { localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), pairs })); } catch { /* the browser's store is full */ }
  }

  function restore(form, pairs) {
    const byName = new Map();
    for (const [name, value] of pairs) byName.set(name, [...(byName.get(name) || []), value]);
    for (const box of form.elements) {
      if (!box.name || ["hidden", "file", "password", "submit"].includes(box.type)) continue;
      const kept = byName.get(box.name) || [];
      if (box.type === "checkbox" || box.type === "radio") box.checked = kept.includes(box.value);
      else if (box.tomselect) box.tomselect.setValue(box.multiple ? kept : kept[0] || "");
      else if (kept.length) box.value = kept.shift();
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function offer(form, draft) {
    const note = document.createElement("div");
    note.className = "v-note v-draft";
    const words = document.createElement("span");
    words.className = "grow";
    const when = new Intl.DateTimeFormat(V.lang, { day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
    words.textContent = V.words.draft.replace("{when}", when.format(new Date(draft.at)));
    const button = (text, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "btn btn-sm";
      made.textContent = text;
      made.onclick = () => { act(); note.remove(); };
      return made;
    };
    note.append(words, button(V.words.draft_restore, () => restore(form, draft.pairs)), button(V.words.draft_drop, () => V.dropDraft(form)));
    form.prepend(note);
  }

  V.each("form[data-draft]", (form) => {
    const draft = read(keyOf(form));
    setTimeout(() => {
      const failed = form.querySelector("[data-failed]");
      const same = draft && JSON.stringify(draft.pairs) === JSON.stringify(V.values(form));
      if (draft && !failed && !same) offer(form, draft);
    }, 0);
    let timer = 0;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 400); });
    form.addEventListener("change", () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 400); });
    form.addEventListener("submit", () => { clearTimeout(timer); sessionStorage.setItem("sent:" + keyOf(form), "1"); });
  });

  /* A sent form that does not come back with errors was saved: its draft has done its duty. */
  document.addEventListener("DOMContentLoaded", () => {
    for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith("sent:"))) {
      const draft = key.slice(5);
      const again = [...document.querySelectorAll("form[data-draft]")].some((form) => keyOf(form) === draft && form.querySelector("[data-failed]"));
      if (!again && document.body.dataset.person) localStorage.removeItem(draft);
      sessionStorage.removeItem(key);
    }
    const old = Date.now() - KEEP_DAYS * 864e5;
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith("draft:"))) {
      if (((read(key) || {}).at || 0) < old) localStorage.removeItem(key);
    }
  });
})();

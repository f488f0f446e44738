/* Forms: what was changed, a button that is busy, keys that save and send, dates typed with dots. */
(function () {
  "use strict";
  const V = window.V;
  const skipped = new Set(["csrf_token"]);

  const values = (form) => {
    const found = [];
    for (const [name, value] of new FormData(form)) {
      if (!skipped.has(name)) found.push([name, typeof value === "string" ? value : value.name]);
    }
    return found;
  };
  V.values = values;

  const first = new WeakMap();
  V.each("form[data-draft], form[data-warn], form[data-count]", (form) => {
    setTimeout(() => { first.set(form, values(form)); count(form); }, 0);
    for (const type of ["input", "change"]) form.addEventListener(type, () => count(form));
    form.addEventListener("reset", () => setTimeout(() => count(form), 0));
  });

  function changes(form) {
    const was = first.get(form);
    if (!was) return 0;
    const gather = (pairs) => pairs.reduce((all, [name, value]) => all.set(name, (all.get(name) || "") + "\u0000" + value), new Map());
    const [before, after] = [gather(was), gather(values(form))];
    const names = new Set([...before.keys(), ...after.keys()]);
    return [...names].filter((name) => before.get(name) !== after.get(name)).length;
  }
  /* What was taken is no loss, also when the page goes on to another at once. */
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement: form, response } = event.detail.ctx;
    if (!response || response.status >= 300 || !form.matches("form[data-draft], form[data-warn]")) return;
    form.removeAttribute("data-failed-form");
    first.set(form, values(form));
  });
  V.isDirty = (form) => form.hasAttribute("data-failed-form") || changes(form) > 0;

  function count(form) {
    const n = changes(form);
    for (const place of document.querySelectorAll('[data-changes="' + form.id + '"]')) {
      place.textContent = n ? V.count("changes", n) : "";
    }
    form.dispatchEvent(new CustomEvent("v:changes", { detail: n }));
  }

  /* Leaving with unsaved changes warns; a submit or a link marked data-leave is not a loss. */
  let leaving = false;
  window.addEventListener("beforeunload", (event) => {
    if (leaving) return;
    for (const form of document.querySelectorAll("form[data-draft], form[data-warn]")) {
      if (form.dataset.warn !== "off" && V.isDirty(form)) { event.preventDefault(); return; }
    }
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    leaving = true;
    setTimeout(() => { leaving = false; }, 4000);
  });
  V.on("click", "[data-leave]", async (event, link) => {
    const form = document.querySelector("form[data-draft], form[data-warn]");
    if (!form || !V.isDirty(form)) { leaving = true; return; }
    event.preventDefault();
    if (!(await V.ask(V.words.unsaved, { yes: V.words.leave, no: V.words.stay }))) return;
    leaving = true;
    if (V.dropDraft) V.dropDraft(form);
    location.href = link.href;
  });

  /* A sent form's button turns, keeps its width, and cannot be pressed twice. */
  const sending = new WeakSet();
  document.addEventListener("submit", (event) => {
    if (!sending.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("submit", (event) => {
    /* What htmx sends is prevented too, and is sent all the same. */
    if (event.defaultPrevented && !event.target.hasAttribute("hx-post")) return;
    if (event.target.method === "dialog" || event.target.target === "_blank") return;
    const button = event.submitter || event.target.querySelector("button:not([type=button])");
    if (!button || button.matches(".v-check, .v-mi")) return;
    sending.add(event.target);
    setTimeout(() => { button.classList.add("busy"); button.setAttribute("aria-busy", "true"); button.disabled = true; }, 0);
    setTimeout(() => free(button), 15000);
  });
  const free = (button) => { sending.delete(button.form); button.classList.remove("busy"); button.removeAttribute("aria-busy"); button.disabled = false; };
  window.addEventListener("pageshow", () => document.querySelectorAll("button.busy").forEach(free));
  /* Somebody saved meanwhile, and the toast says it; or a part of this window did: the next press saves over it. */
  document.addEventListener("v:version", (event) => {
    const form = (event.target.closest && event.target.closest("form")) || document.querySelector("dialog[open]");
    const box = form && form.querySelector("[name=version]");
    if (box) box.value = event.detail.version;
  });
  /* Free again when its own form has its answer, unless that leads to another page: a second press would send it anew. */
  document.addEventListener("htmx:finally:request", (event) => {
    const asked = event.detail && event.detail.ctx;
    if (asked && asked.keepIndicators) return;
    const source = asked && asked.sourceElement;
    const form = source && (source.matches("form") ? source : source.form);
    for (const button of document.querySelectorAll("button.busy")) if (!asked || button.form === form) free(button);
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest && event.target.closest("form");
    if (event.code === "Enter" && form && event.target.matches("textarea, input")) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.code === "KeyS") {
      const dialog = document.querySelector("dialog[open]");
      const button = (dialog || document).querySelector('[data-key="Save"], .v-dlgf .btn-primary');
      event.preventDefault();
      if (button && !button.disabled) button.click();
    }
  });

  /* A box that was refused and came back in a part of the page. */
  V.each("[data-refocus]", (box) => box.focus());

  /* An error's link and the first faulty field get the focus. */
  V.each("[data-failed]", (note) => {
    const form = note.closest("form") || document.querySelector("form[data-draft]");
    if (form) form.setAttribute("data-failed-form", "");
    const field = (form || document).querySelector(".is-invalid");
    setTimeout(() => { (field || note).focus({ preventScroll: false }); }, 60);
  });
  document.addEventListener("DOMContentLoaded", () => {
    const faulty = !document.querySelector("[data-failed]") && document.querySelector("main .is-invalid, main .v-f .err");
    if (!faulty) return;
    faulty.focus({ preventScroll: true });
    faulty.scrollIntoView({ block: "center" });
  });
  V.on("click", ".v-note a[href^='#']", (event, link) => {
    const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    const inner = field.tomselect ? field.tomselect.control_input : field;
    inner.focus();
    field.scrollIntoView({ block: "center" });
  });

  /* Dates: digits get their dots, the browser's calendar fills the same box. */
  const parse = (text) => {
    const match = text.match(/^(\d{1,2})[.\/,-](\d{1,2})[.\/,-](\d{4})$/);
    if (!match) return null;
    const [day, month, year] = match.slice(1).map(Number);
    const date = new Date(year, month - 1, day);
    return date.getMonth() === month - 1 ? date : null;
  };
  const pad = (n) => String(n).padStart(2, "0");
  const said = (date) => pad(date.getDate()) + "." + pad(date.getMonth() + 1) + "." + date.getFullYear();
  const iso = (date) => date.getFullYear() + "-" + pad(date.getMonth() + 1) + "-" + pad(date.getDate());

  /* What is missing is said in the page's language, not in the browser's. */
  const said_by_us = new Set();
  document.addEventListener("invalid", (event) => {
    const box = event.target;
    if (!box.validity.valueMissing || box.validity.customError) return;
    box.setCustomValidity(["radio", "select-one"].includes(box.type) ? V.words.choose : V.words.fill);
    said_by_us.add(box);
  }, true);
  for (const name of ["input", "change"]) document.addEventListener(name, () => {
    for (const box of said_by_us) box.setCustomValidity("");
    said_by_us.clear();
  }, true);

  V.each("input[data-date]", (box) => {
    const fromIso = box.value.match(/^(\d{4})-(\d{2})-(\d{2})$/);
    if (fromIso) box.value = fromIso[3] + "." + fromIso[2] + "." + fromIso[1];
    box.addEventListener("input", (event) => {
      if (event.inputType && event.inputType.startsWith("delete")) return box.setCustomValidity("");
      const digits = box.value.replace(/\D/g, "");
      if (/^\d+$/.test(box.value.replace(/\./g, "")) && box.selectionStart === box.value.length && digits.length <= 8) {
        if (/^\d{2}$/.test(box.value) || /^\d{2}\.\d{2}$/.test(box.value)) box.value += ".";
        else if (/^\d{3,}$/.test(box.value)) box.value = digits.slice(0, 2) + "." + digits.slice(2, 4) + (digits.length > 4 ? "." + digits.slice(4) : "");
      }
      box.setCustomValidity("");
    });
    box.addEventListener("change", () => {
      const year = new Date().getFullYear();
      const short = box.value.match(/^(\d{1,2})[.\/,-](\d{1,2})(?:[.\/,-](\d{2}))?\.?$/);
      if (short) box.value = pad(short[1]) + "." + pad(short[2]) + "." + (short[3] ? "20" + short[3] : year);
      const date = parse(box.value);
      if (date) box.value = said(date);
      box.setCustomValidity(!box.value || date ? "" : V.words.bad_date);
    });
  });
  V.on("click", "[data-pick]", (event, button) => {
    const [box, picker] = [button.parentNode.querySelector("[data-date]"), button.parentNode.querySelector("input[type=date]")];
    const date = parse(box.value);
    picker.value = date ? iso(date) : "";
    picker.onchange = () => {
      const [year, month, day] = picker.value.split("-");
      box.value = picker.value ? day + "." + month + "." + year : "";
      for (const type of ["input", "change"]) box.dispatchEvent(new Event(type, { bubbles: true }));
    };
    picker.showPicker();
  });
  /* Chips of suggested values under a field. */
  V.on("click", "[data-fill]", (event, chip) => {
    event.preventDefault();
    const box = document.getElementById(chip.dataset.fill);
    if (box.tomselect) {
      box.tomselect.addOption({ id: chip.dataset.value, text: chip.dataset.text || chip.textContent.trim() });
      box.tomselect.setValue(chip.dataset.value);
    } else box.value = chip.dataset.value;
    for (const type of ["input", "change"]) box.dispatchEvent(new Event(type, { bubbles: true }));
    box.focus();
  });

  /* A Russian phone: 8… or 9… become +7, groups as they are read. Anything else stays as typed. */
  const phone = (text) => {
    let digits = text.replace(/\D/g, "");
    if (text.trim().startsWith("+") && !digits.startsWith("7")) return text;
    if (digits.startsWith("8")) digits = "7" + digits.slice(1);
    else if (digits.startsWith("9")) digits = "7" + digits;
    if (!digits.startsWith("7") || digits.length > 11) return text;
    const parts = [digits.slice(1, 4), digits.slice(4, 7), digits.slice(7, 9), digits.slice(9, 11)];
    return "+7" + (parts[0] && " " + parts[0]) + (parts[1] && " " + parts[1]) + (parts[2] && "-" + parts[2]) + (parts[3] && "-" + parts[3]);
  };
  V.each("input[type=tel], input[data-phone]", (box) => {
    const tidy = () => { if (/^[+\d\s()\-\u00a0]+$/.test(box.value)) box.value = phone(box.value); };
    tidy();
    box.addEventListener("input", (event) => {
      if (box.selectionStart === box.value.length && !(event.inputType || "").startsWith("delete")) tidy();
    });
    box.addEventListener("change", tidy);
  });

  /* A hint that stands outside a generated form moves under the field it is about. */
  V.each("[data-under]", (hint) => {
    const field = document.querySelector(`[data-field="${hint.dataset.under}"]`);
    if (field) field.after(hint);
  });

  V.each("textarea[data-grow]", (box) => {
    const grow = () => { box.style.setProperty("height", "auto"); box.style.setProperty("height", box.scrollHeight + 2 + "px"); };
    box.addEventListener("input", grow);
    grow();
  });
})();

/* Dialogs: native <dialog>, so the browser traps the focus, gives it back and closes on Esc. */
(function () {
  "use strict";
  const V = window.V;

  V.open = (dialog) => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const first = dialog.querySelector("[autofocus], .is-invalid, .need, input:not([type=hidden]):not([disabled]), select, textarea");
    if (first && !window.matchMedia("(max-width: 760px)").matches) first.focus();
    dialog.dispatchEvent(new CustomEvent("v:shown", { bubbles: true }));
  };

  const dirty = (dialog) => [...dialog.querySelectorAll("form")].some((form) => V.isDirty && V.isDirty(form) && form.dataset.warn !== "off");

  V.close = async (dialog) => {
    if (dialog.id !== "ask" && dialog.querySelector("form[data-draft], form[data-warn]") && dirty(dialog)) {
      if (!(await V.ask(V.words.unsaved, { yes: V.words.leave, no: V.words.stay }))) return;
    }
    dialog.close();
  };

  V.on("click", "[data-open]", (event, opener) => {
    event.preventDefault();
    const popover = opener.closest("[popover]");
    if (popover) popover.hidePopover();
    const around = opener.closest("dialog");
    const target = document.querySelector(opener.dataset.open);
    if (around && around !== target) around.close();
    V.open(target);
  });
  V.on("click", "[data-close]", (event, button) => V.close(button.closest("dialog")));

  document.addEventListener("cancel", (event) => {
    const dialog = event.target;
    if (dialog.tagName !== "DIALOG") return;
    event.preventDefault();
    V.close(dialog);
  }, true);

  /* A click on the veil closes; a press that began inside (selecting text) does not. */
  let pressed = null;
  document.addEventListener("pointerdown", (event) => { pressed = event.target; });
  document.addEventListener("click", (event) => {
    const dialog = event.target;
    if (dialog.tagName !== "DIALOG" || pressed !== dialog || dialog.id === "ask") return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) V.close(dialog);
  });

  /* What htmx brings into #window opens at once and leaves the page when it is closed. */
  V.each("dialog[data-show]", (dialog) => {
    V.open(dialog);
    dialog.addEventListener("close", () => setTimeout(() => dialog.remove(), 0));
  });

  /** Ask in our own window; resolves to true or false. */
  V.ask = (words, { yes = V.words.sure, no = V.words.cancel, bad = false } = {}) =>
    new Promise((resolve) => {
      const dialog = document.getElementById("ask");
      if (!dialog) return resolve(window.confirm(words));
      dialog.querySelector("[data-words]").textContent = words;
      const [agree, refuse] = [dialog.querySelector("[data-yes]"), dialog.querySelector("[data-no]")];
      agree.textContent = yes;
      refuse.textContent = no;
      agree.className = "btn " + (bad ? "btn-bad solid" : "btn-primary");
      let answer = false;
      agree.onclick = () => { answer = true; dialog.close(); };
      refuse.onclick = () => dialog.close();
      dialog.addEventListener("close", () => resolve(answer), { once: true });
      dialog.showModal();
      refuse.focus();
    });

  /* data-confirm on a form or a submit button asks before the browser sends. */
  const agreed = new WeakSet();
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    const words = (button && button.dataset.confirm) || form.dataset.confirm;
    if (!words || agreed.has(form)) return agreed.delete(form);
    event.preventDefault();
    event.stopImmediatePropagation();
    const yes = button ? button.textContent.trim() : V.words.sure;
    if (!(await V.ask(words, { yes, bad: true }))) return;
    agreed.add(form);
    form.requestSubmit(button && button.form === form ? button : undefined);
  }, true);

  document.addEventListener("htmx:confirm", async (event) => {
    const words = event.detail.ctx && event.detail.ctx.confirm;
    if (!words) return;
    event.preventDefault();
    (await V.ask(words)) ? event.detail.issueRequest() : event.detail.dropRequest();
  });
})();

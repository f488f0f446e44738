/* Toasts: six seconds, one undo; errors stay until they are closed. */
(function () {
  "use strict";
  const V = window.V;
  const box = () => document.getElementById("toasts");

  V.toast = ({ kind = "ok", words, undo = "" }) => {
    const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
    toast.dataset.kind = kind;
    for (const mark of toast.querySelectorAll("[data-mark]")) if (mark.dataset.mark !== kind) mark.remove();
    toast.querySelector("[data-words]").textContent = words;
    const form = toast.querySelector("[data-undo]");
    if (undo) form.action = undo; else form.remove();
    box().append(toast);
    lift();
    return toast;
  };

  /* They stand above whatever is worked with at the foot of the page, one bar upon another; beside a composer, over its
     feed. While a dialog is open, what lies behind it cannot be reached and does not count. */
  const FEET = ".v-tabbar, .v-savebar, .v-bulk, .v-pager, [data-composer], .t-next";
  function place() {
    const toasts = box(), composer = document.querySelector("[data-composer]"), free = !document.querySelector("dialog[open]");
    const beside = free && composer && composer.checkVisibility() ? innerWidth - composer.getBoundingClientRect().right + 14 : 20;
    const right = innerWidth - beside, left = right - 440;
    const feet = free ? [...document.querySelectorAll(FEET)].map((foot) => foot.getBoundingClientRect()) : [];
    let floor = innerHeight;
    for (const foot of feet.filter((each) => each.height && each.left < right && each.right > left).sort((a, b) => b.bottom - a.bottom))
      if (foot.bottom > floor - 40) floor = Math.min(floor, foot.top);
    toasts.style.setProperty("--v-aside", beside + "px");
    toasts.style.setProperty("--v-under", Math.min(innerHeight - floor, innerHeight / 2) + "px");
  }
  const watch = new ResizeObserver(place);
  V.each(FEET, (foot) => watch.observe(foot));
  window.addEventListener("resize", place);
  document.addEventListener("close", place, true);

  /* Toasts lie in the browser's top layer, above any dialog: whoever was shown last lies highest. */
  function lift() {
    const toasts = box();
    if (!toasts.childElementCount || !toasts.showPopover) return;
    if (toasts.matches(":popover-open")) toasts.hidePopover();
    toasts.showPopover();
    place();
  }
  document.addEventListener("DOMContentLoaded", lift);
  document.addEventListener("v:shown", (event) => event.target.tagName === "DIALOG" && lift());

  V.each(".v-toasts .v-toast", (toast) => {
    if (toast.dataset.kind === "bad") return;
    let left = 6000, since = Date.now(), timer = setTimeout(end, left);
    /* What lies behind an open dialog cannot be pressed: its time begins when the dialog is closed. */
    function end() {
      if (!document.querySelector("dialog:modal")) return toast.remove();
      document.addEventListener("close", () => { left = 6000; go(); }, { capture: true, once: true });
    }
    const hold = () => { clearTimeout(timer); left -= Date.now() - since; };
    const go = () => { since = Date.now(); timer = setTimeout(end, Math.max(left, 1500)); };
    toast.addEventListener("mouseenter", hold);
    toast.addEventListener("mouseleave", go);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("focusout", go);
  });

  V.on("click", "[data-dismiss]", (event, button) => button.closest(".v-toast, .v-note").remove());

  /* A fragment's toasts come in the HX-Trigger header (views/shell.py). */
  document.addEventListener("v:toast", (event) => (event.detail.toasts || []).forEach(V.toast));
})();

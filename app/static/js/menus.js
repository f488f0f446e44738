/* Menus: native popovers (Esc and a click outside close them), placed beside their button, walked with the arrows. */
(function () {
  "use strict";
  const V = window.V;
  const invoker = (popover) => document.querySelector('[popovertarget="' + popover.id + '"]');

  function place(popover) {
    const button = popover.opener || invoker(popover);
    if (!button) return;
    const near = button.getBoundingClientRect();
    const size = popover.getBoundingClientRect();
    const gap = 4;
    let left = popover.dataset.align === "start" ? near.left : near.right - size.width;
    let top = near.bottom + gap;
    if (top + size.height > window.innerHeight - 8) top = Math.max(8, near.top - size.height - gap);
    left = Math.min(Math.max(8, left), window.innerWidth - size.width - 8);
    popover.style.setProperty("left", left + "px");
    popover.style.setProperty("top", top + "px");
  }
  V.place = place;

  V.each("[popover]:not([popover=manual])", (popover) => {
    popover.addEventListener("toggle", (event) => {
      const open = event.newState === "open";
      const button = popover.opener || invoker(popover);
      if (button) button.setAttribute("aria-expanded", String(open));
      if (!open) return;
      place(popover);
      const item = popover.querySelector('[role="menuitem"]');
      if (item && popover.matches(".v-menu")) item.focus({ preventScroll: true });
      popover.dispatchEvent(new CustomEvent("v:shown", { bubbles: true }));
      new ResizeObserver(() => popover.matches(":popover-open") && place(popover)).observe(popover);
    });
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest && event.target.closest('[role="menu"]');
    if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.code)) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll('[role="menuitem"]')].filter(V.visible);
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.code];
    items[(to + items.length) % items.length].focus();
  });

  window.addEventListener("resize", () => {
    for (const popover of document.querySelectorAll("[popover]:popover-open")) place(popover);
  });
})();

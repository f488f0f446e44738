/* The card: fields edited in place, panes of a phone, the note that is sent. */
(function () {
  "use strict";
  const V = window.V;

  /* A field in its box: the cursor stands in it, Enter saves, Esc puts the row back. */
  V.each("form[data-inline]", (form) => {
    const box = form.querySelector("input:not([type=hidden]), select, textarea");
    setTimeout(() => {
      const inner = box.tomselect || box;
      inner.focus();
      /* A line is typed anew, a text is gone on with; what saves it is in sight. */
      if (box.matches("textarea")) box.setSelectionRange(box.value.length, box.value.length);
      else if (box.select && !box.tomselect) box.select();
      form.scrollIntoView({ block: "nearest" });
    }, 30);
    if (box.matches("select") && !box.dataset.refUrl) box.addEventListener("change", () => form.requestSubmit());
    const cancel = () => htmx.ajax("GET", form.dataset.inline, { target: form, swap: "outerHTML" });
    form.querySelector("[data-inline-cancel]").addEventListener("click", cancel);
    form.addEventListener("keydown", (event) => {
      if (event.code === "Escape") { event.preventDefault(); event.stopPropagation(); cancel(); }
      if (event.code === "Enter" && box.matches("input") && !event.defaultPrevented) { event.preventDefault(); form.requestSubmit(); }
    });
  });

  /* After a save the forms of the page stand on the newest version, and the feed tells of it. */
  let version = "";
  V.each("[data-deal-version]", (mark) => {
    for (const box of document.querySelectorAll("[data-version]")) box.value = mark.dataset.dealVersion;
    if (version && version !== mark.dataset.dealVersion) document.dispatchEvent(new Event("v:said"));
    version = mark.dataset.dealVersion;
  });

  V.on("click", "[data-panes] [data-pane]", (event, tab) => {
    event.preventDefault();
    const pane = tab.dataset.pane;
    document.querySelector("[data-grid]").dataset.pane = pane;
    for (const each of document.querySelectorAll("[data-panes] [data-pane]")) each.classList.toggle("on", each.dataset.pane === pane);
    const address = new URL(location.href);
    address.searchParams.set("pane", pane);
    history.replaceState(null, "", address);
    const feed = document.querySelector("[data-feed-list]");
    if (pane === "feed" && feed) feed.scrollTop = feed.scrollHeight;
  });
  /* ── what the move will set off: by the arrow beside the button, or while the button is pointed at ── */
  const ahead = document.getElementById("ahead");
  let pinned = false, wait = 0;
  async function foresee(place) {
    if (ahead.dataset.of !== place.dataset.aheadOf) {
      const response = await V.fetch(place.dataset.aheadOf, { headers: { "HX-Request": "true" } });
      if (!response || !response.ok) return;
      ahead.innerHTML = await response.text();
      ahead.dataset.of = place.dataset.aheadOf;
    }
    ahead.opener = place;
    if (!ahead.matches(":popover-open")) ahead.showPopover();
    V.place(ahead);
    const arrow = place.querySelector("[data-ahead]");
    arrow.setAttribute("aria-expanded", "true");
  }
  function hide() {
    clearTimeout(wait);
    pinned = false;
    if (ahead && ahead.matches(":popover-open")) ahead.hidePopover();
    for (const arrow of document.querySelectorAll("[data-ahead]")) arrow.setAttribute("aria-expanded", "false");
  }
  V.each("[data-ahead-of]", (place) => {
    const later = () => { clearTimeout(wait); wait = setTimeout(() => foresee(place), 350); };
    const leave = () => { clearTimeout(wait); wait = setTimeout(() => { if (!pinned && !place.matches(":focus-within")) hide(); }, 250); };
    place.addEventListener("mouseenter", later);
    place.addEventListener("mouseleave", leave);
    place.addEventListener("focusin", (event) => { if (event.target.matches(":focus-visible")) later(); });
    place.addEventListener("focusout", () => { if (!pinned) leave(); });
  });
  V.on("click", "[data-ahead]", (event, arrow) => {
    const shown = ahead.matches(":popover-open") && pinned;
    if (shown) return hide();
    clearTimeout(wait);
    pinned = true;
    foresee(arrow.closest("[data-ahead-of]"));
  });
  document.addEventListener("click", (event) => { if (ahead && ahead.matches(":popover-open") && !event.target.closest("#ahead, [data-ahead]")) hide(); });
  document.addEventListener("keydown", (event) => { if (event.code === "Escape" && ahead && ahead.matches(":popover-open")) { event.stopPropagation(); hide(); } }, true);

  /* Whoever opens the window means to type a name. */
  V.each("#invite select[data-ref-url]", (select) => setTimeout(() => !window.matchMedia("(max-width: 760px)").matches && select.tomselect && select.tomselect.focus(), 80));

  /* ── the composer: what stands in it ── */
  function compose(kind, typing) {
    for (const tab of document.querySelectorAll("[data-compose]")) {
      tab.classList.toggle("on", tab.dataset.compose === kind);
      tab.setAttribute("aria-pressed", String(tab.dataset.compose === kind));
    }
    for (const part of document.querySelectorAll("[data-composing]")) part.hidden = part.dataset.composing !== kind;
    const none = document.querySelector("[data-no-way]");
    if (none) none.hidden = kind !== "message" || !document.querySelector("[data-composing=message]").dataset.none;
    const box = document.querySelector("[data-composing=" + kind + "] textarea");
    if (box) { box.dispatchEvent(new Event("input", { bubbles: true })); if (typing) box.focus(); }
  }
  V.on("click", "[data-compose]", (event, tab) => compose(tab.dataset.compose, true));
  /* On a phone the kinds stand behind a plus. */
  function kinds(open) {
    const whole = document.querySelector("[data-composer]");
    if (!whole) return;
    whole.classList.toggle("kinds", open);
    whole.querySelector("[data-kinds]").setAttribute("aria-expanded", String(open));
  }
  V.on("click", "[data-kinds]", (event, plus) => kinds(plus.getAttribute("aria-expanded") !== "true"));
  V.on("click", ".t-kinds button", () => kinds(false));
  V.on("click", "[data-compose-file]", () => {
    const input = document.querySelector("[data-files] [data-files-input][multiple]");
    if (input) input.click();
  });
  /* The box of messages comes after the page: where there is no way to write, a note stands there instead. */
  document.addEventListener("htmx:after:swap", () => {
    const part = document.querySelector("[data-composing=message]");
    if (!part || part.querySelector(".t-late")) return;
    const none = !part.querySelector("form");
    if (none === Boolean(part.dataset.none)) return;
    part.dataset.none = none ? "1" : "";
    if (!part.hidden && none) compose("note");
  });

  V.on("click", "[data-feed-tabs] [data-feed]", (event, tab) => {
    const say = document.querySelector("form[data-say]");
    if (say) say.dataset.feed = tab.getAttribute("hx-get");
    for (const each of tab.parentNode.children) each.classList.toggle("on", each === tab);
  });

  /* The note is in the feed: empty the box, show the whole feed. */
  document.addEventListener("htmx:after:request", (event) => {
    const form = event.target.closest && event.target.closest("form[data-note]");
    const ctx = event.detail.ctx;
    if (!form || !ctx || !ctx.response || ctx.response.status !== 200) return;
    form.reset();
    if (V.dropDraft) V.dropDraft(form);
    const box = form.querySelector("textarea");
    box.style.removeProperty("height");
    for (const tab of document.querySelectorAll("[data-feed-tabs] [data-feed]")) tab.classList.toggle("on", tab.dataset.feed === "all");
  });
})();

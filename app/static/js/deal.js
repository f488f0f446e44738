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
      if (box.select && !box.tomselect) box.select();
    }, 30);
    if (box.matches("select") && !box.dataset.refUrl) box.addEventListener("change", () => form.requestSubmit());
    const cancel = () => htmx.ajax("GET", form.dataset.inline, { target: form, swap: "outerHTML" });
    form.querySelector("[data-inline-cancel]").addEventListener("click", cancel);
    form.addEventListener("keydown", (event) => {
      if (event.code === "Escape") { event.preventDefault(); event.stopPropagation(); cancel(); }
      if (event.code === "Enter" && box.matches("input") && !event.defaultPrevented) { event.preventDefault(); form.requestSubmit(); }
    });
  });

  /* After a save the forms of the page stand on the newest version. */
  V.each("[data-deal-version]", (mark) => {
    for (const box of document.querySelectorAll("[data-version]")) box.value = mark.dataset.dealVersion;
  });

  V.on("click", "[data-panes] [data-pane]", (event, tab) => {
    event.preventDefault();
    const pane = tab.dataset.pane;
    document.querySelector("[data-grid]").dataset.pane = pane;
    for (const each of document.querySelectorAll("[data-panes] [data-pane]")) each.classList.toggle("on", each.dataset.pane === pane);
    const address = new URL(location.href);
    address.searchParams.set("pane", pane);
    history.replaceState(null, "", address);
    const feed = document.getElementById("feed");
    if (pane === "feed" && feed) feed.scrollTop = feed.scrollHeight;
  });
  V.on("click", "[data-feed-tabs] [data-feed]", (event, tab) => {
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

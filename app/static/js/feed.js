/* The feed of a deal: older pages as they come into sight, search, the menu of a message, the way to a pinned one. */
(function () {
  "use strict";
  const V = window.V;
  const feed = () => document.getElementById("feed");
  const list = () => feed().querySelector("[data-feed-list]");

  /** Put the older page above what is shown, and keep the eye where it was. Whether it has come: who asks twice waits for the first. */
  const older = (button) => (button.coming = button.coming || put(button));
  async function put(button) {
    const response = await V.fetch(button.dataset.earlier, { headers: { "HX-Request": "true" } });
    if (!response || !response.ok) { button.coming = null; return false; }
    const scroller = list(), [height, top] = [scroller.scrollHeight, scroller.scrollTop];
    const page = document.createElement("template");
    page.innerHTML = await response.text();
    const days = page.content.querySelectorAll("[data-day]");
    const last = days[days.length - 1], next = button.nextElementSibling;
    if (last && next && next.dataset.day === last.dataset.day) next.remove();
    button.replaceWith(page.content);
    htmx.process(scroller);
    scroller.scrollTop = top + scroller.scrollHeight - height;
    return true;
  }
  V.on("click", "[data-earlier]", (event, button) => older(button));
  V.each("[data-earlier]", (button) => {
    const seen = new IntersectionObserver((entries) => {
      /* At first the feed is not yet scrolled to its end. */
      if (entries.some((entry) => entry.isIntersecting) && list().scrollTop < 200 && list().scrollHeight > list().clientHeight + 200) { seen.disconnect(); older(button); }
    }, { root: list(), rootMargin: "150px 0px 0px 0px" });
    setTimeout(() => button.isConnected && seen.observe(button), 400);
  });

  /* Whoever reads the end goes on reading it when the box below grows. */
  V.each("[data-feed-list]", (scroller) => {
    let atEnd = true;
    const look = () => { atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40; };
    scroller.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(() => { if (atEnd && scroller.clientHeight) scroller.scrollTop = scroller.scrollHeight; }).observe(scroller);
  });

  /* In one hand there is room for one line of it. */
  V.each(".t-pins", (pins) => { if (window.matchMedia("(max-width: 760px)").matches) pins.open = false; });

  /* Of several questions the newest is answered (hx-sync of the tabs and of the search). What is written or pinned
     meanwhile is drawn all the same, though the feed it was sent from has been replaced. */
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.target && ctx.target.id === "feed" && !ctx.target.isConnected) ctx.target = feed();
  });

  /* ── to a message: from a pin, from a notice ── */
  async function show(id) {
    for (let n = 0; n < 30; n++) {
      const message = document.getElementById("message-" + id);
      if (message) {
        message.scrollIntoView({ block: "center" });
        message.classList.add("t-found");
        setTimeout(() => message.classList.remove("t-found"), 2500);
        return;
      }
      const button = list().querySelector("[data-earlier]");
      if (!button || !(await older(button))) return;
    }
  }
  V.on("click", "[data-to-message]", (event, link) => { event.preventDefault(); show(link.dataset.toMessage); });
  window.addEventListener("load", () => {
    const match = location.hash.match(/^#message-(\d+)$/);
    if (match && feed()) setTimeout(() => show(match[1]), 50);
  });

  /* ── the menu that all messages share ── */
  let chosen = null;
  V.on("click", "[data-note-menu]", (event, button) => {
    const menu = document.getElementById("note-menu");
    chosen = button.closest("[data-message]");
    menu.opener = button;
    const [mine, pinned] = [button.dataset.mine === "1", button.dataset.pinned === "1"];
    const fits = { pin: !pinned, unpin: pinned, copy: true, edit: mine, erase: mine };
    for (const item of menu.querySelectorAll("[data-note-do]")) item.hidden = !fits[item.dataset.noteDo];
    menu.showPopover();
    menu.querySelector("[data-note-do]:not([hidden])").focus();
  });
  V.on("click", "[data-note-do]", async (event, item) => {
    const menu = document.getElementById("note-menu");
    menu.hidePopover();
    if (!chosen) return;
    const address = menu.dataset.base + chosen.dataset.message;
    const act = item.dataset.noteDo;
    if (act === "copy") {
      try { await navigator.clipboard.writeText(chosen.querySelector(".t-b").textContent); V.toast({ words: V.words.copied }); } catch { /* the browser keeps it */ }
    } else if (act === "edit") htmx.ajax("GET", address, { target: chosen, swap: "outerHTML", source: chosen });
    else htmx.ajax("POST", address + (act === "erase" ? "/erase" : "/pin"), { target: "#feed", swap: "outerHTML", source: chosen, values: act === "unpin" ? { off: "1" } : {} });
  });

  /* ── search: as one types, in the tab that is open ── */
  V.on("click", "[data-feed-find]", (event, button) => {
    const form = document.getElementById("feed-find");
    form.hidden = !form.hidden;
    button.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) form.elements.q.focus(); else close();
  });
  V.on("click", "[data-feed-unfind]", close);
  function close() {
    const form = document.getElementById("feed-find");
    form.hidden = true;
    document.querySelector("[data-feed-find]").setAttribute("aria-expanded", "false");
    if (form.elements.q.value) { form.elements.q.value = ""; find(form); }
    document.querySelector("[data-feed-find]").focus();
  }
  function find(form) {
    const tab = document.querySelector("[data-feed-tabs] .on");
    form.elements.feed.value = tab ? tab.dataset.feed : feed().dataset.feedTab;
    const params = new URLSearchParams({ feed: form.elements.feed.value, q: form.elements.q.value.trim() });
    return htmx.ajax("GET", "/deals/" + feed().dataset.feedOf + "/feed?" + params, { target: "#feed", swap: "outerHTML", source: form });
  }
  V.each("#feed-find", (form) => {
    let timer = 0;
    form.elements.q.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => find(form), 300); });
    form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); find(form); });
    form.addEventListener("keydown", (event) => { if (event.code === "Escape") { event.preventDefault(); close(); } });
  });
})();

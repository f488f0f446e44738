/* The ground of the scripts: words, requests, and "for every such element, now and whenever one is added". */
(function () {
  "use strict";
  const V = (window.V = {});
  const holder = document.getElementById("script-words");
  V.words = holder ? JSON.parse(holder.textContent) : {};
  V.lang = document.documentElement.lang || "en";

  const plural = new Intl.PluralRules(V.lang);
  /** A text with a number in it: V.count("changes", 3). */
  V.count = (key, n) => (V.words[key][plural.select(n)] || V.words[key].other).replace("{n}", String(n));

  V.token = () => (document.querySelector('meta[name="csrf-token"]') || {}).content || "";

  /** fetch that carries the token and says by itself what went wrong; resolves to the response or null. */
  V.fetch = async (url, options = {}) => {
    const headers = new Headers(options.headers || {});
    if ((options.method || "GET").toUpperCase() !== "GET") headers.set("X-CSRFToken", V.token());
    try {
      const response = await fetch(url, { ...options, headers, credentials: "same-origin" });
      if (response.status === 401) location.reload();
      return response;
    } catch (error) {
      if (error.name !== "AbortError") V.toast({ kind: "bad", words: V.words.offline });
      return null;
    }
  };

  const makers = [];
  /** Call make(element) once for every element that matches, also for those that come later. */
  V.each = (selector, make) => {
    makers.push([selector, make]);
    if (document.readyState !== "loading") dress(document.documentElement);
  };

  const dressed = new WeakMap();
  function dressOne(element, selector, make) {
    const done = dressed.get(element) || new Set();
    if (done.has(make)) return;
    dressed.set(element, done.add(make));
    make(element);
  }
  function dress(root) {
    for (const [selector, make] of makers) {
      if (root.matches && root.matches(selector)) dressOne(root, selector, make);
      for (const element of root.querySelectorAll(selector)) dressOne(element, selector, make);
    }
  }
  V.dress = dress;

  /** Listen once on the document for all elements that match. */
  V.on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const element = event.target.closest && event.target.closest(selector);
      if (element) act(event, element);
    });

  V.visible = (element) => Boolean(element.offsetParent || element.getClientRects().length);

  document.addEventListener("DOMContentLoaded", () => {
    dress(document.documentElement);
    new MutationObserver((records) => {
      for (const record of records) for (const node of record.addedNodes) if (node.nodeType === 1) dress(node);
    }).observe(document.body, { childList: true, subtree: true });
  });

  /* Widths and positions are set from here: a strict style policy refuses style attributes in the page. */
  V.each("[data-w]", (element) => element.style.setProperty("width", element.dataset.w + "%"));
  V.each("[data-h]", (element) => element.style.setProperty("height", element.dataset.h + "%"));
  V.each("[data-l]", (element) => element.style.setProperty("left", element.dataset.l + "%"));
  V.each("[data-bottom]", (element) => { element.scrollTop = element.scrollHeight; });
  V.each("[data-indeterminate]", (element) => { element.indeterminate = true; });

  V.on("click", "[data-copy]", async (event, button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    V.toast({ kind: "ok", words: V.words.copied });
  });

  V.on("click", "[data-reveal]", (event, button) => {
    const box = document.getElementById(button.dataset.reveal);
    box.type = box.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(box.type === "text"));
  });

  /* Tabs of one page: data-tab links to a pane; the others hide. */
  V.on("click", "[data-tab]", (event, tab) => {
    event.preventDefault();
    for (const each of tab.parentNode.querySelectorAll("[data-tab]")) {
      const on = each === tab;
      each.classList.toggle("on", on);
      each.setAttribute("aria-selected", String(on));
      document.querySelector(each.hash).hidden = !on;
    }
    document.querySelectorAll("[data-pane-foot]").forEach((foot) => { foot.hidden = tab.hash !== "#pane-main"; });
  });

  /* The filter, language and other small choices act at once. */
  V.on("change", "[data-submit]", (event, control) => control.form.requestSubmit());
})();

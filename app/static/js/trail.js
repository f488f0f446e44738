/* Which deals one came from: the column of a board or the page of a list, with its filter. On a card J and K walk along
   it, and the way back leads to where one was. Kept for this tab of the browser alone. */
(function () {
  "use strict";
  const V = window.V;
  const KEY = "deals:trail";

  function keep(numbers) {
    if (numbers.length) sessionStorage.setItem(KEY, JSON.stringify({ url: location.pathname + location.search, numbers }));
  }
  const numberOf = (row) => row.dataset.number || ((row.querySelector("a.b, td a") || {}).textContent || "").replace(/\D/g, "");
  /* Whatever leads away from a card or a row: a click, Enter, a new tab's copy of this one. */
  function leave(event) {
    const row = event.target.closest && event.target.closest(".k-card[data-number], .v-tbl tr[data-href]");
    if (!row) return;
    const rows = row.matches(".k-card") ? row.closest("[data-list]").querySelectorAll(".k-card") : row.parentNode.querySelectorAll("tr[data-href]");
    keep([...rows].map(numberOf).filter(Boolean));
  }
  if (document.querySelector("[data-board], .v-tbl")) {
    document.addEventListener("click", leave, true);
    document.addEventListener("auxclick", leave, true);
    document.addEventListener("keydown", (event) => { if (event.code === "Enter") leave(event); }, true);
  }

  function dress() {
    const here = (location.pathname.match(/^\/deals\/(\d+)$/) || [])[1];
    let trail = null;
    try { trail = JSON.parse(sessionStorage.getItem(KEY)); } catch { /* nothing kept */ }
    if (!here || !trail || !trail.numbers.includes(here)) return;
    const at = trail.numbers.indexOf(here);
    const pane = new URLSearchParams(location.search).get("pane");
    for (const [rel, number] of [["prev", trail.numbers[at - 1]], ["next", trail.numbers[at + 1]]]) {
      for (const link of document.querySelectorAll('[data-trail] a[rel="' + rel + '"]')) {
        link.classList.toggle("disabled", !number);
        if (number) { link.href = "/deals/" + number + (pane ? "?pane=" + encodeURIComponent(pane) : ""); link.removeAttribute("aria-disabled"); }
        else { link.removeAttribute("href"); link.setAttribute("aria-disabled", "true"); }
      }
    }
    for (const link of document.querySelectorAll("[data-trail-back] a")) if (trail.url.startsWith("/deals/")) link.href = trail.url;
  }
  if (document.querySelector("[data-trail]")) dress();
})();

/* Timers: the time left to answer, second by second, and how long something lasts, minute by minute. Not announced. */
(function () {
  "use strict";
  const V = window.V;
  const minus = "\u2212";

  function words(seconds) {
    const span = Math.abs(seconds), sign = seconds < 0 ? minus : "";
    if (span < 3600) return sign + Math.floor(span / 60) + ":" + String(span % 60).padStart(2, "0");
    if (span < 86400) return sign + V.count("hours", Math.floor(span / 3600));
    return sign + V.count("days", Math.floor(span / 86400));
  }

  function tick(element) {
    const left = Math.trunc((new Date(element.dataset.until) - Date.now()) / 1000);
    const norm = Number(element.dataset.norm) || 900;
    const state = left < 0 ? "bad" : left < norm / 3 ? "warn" : "ok";
    element.textContent = words(left);
    const bar = element.parentNode.querySelector("[data-left]");
    if (bar) bar.style.setProperty("width", (left < 0 ? 100 : Math.min(100, (left * 100) / norm)) + "%");
    if (element.dataset.state !== state) {
      element.dataset.state = state;
      element.classList.remove("bad", "warn", "ok");
      element.classList.add(state);
      const around = element.closest("[data-timer-hue]");
      if (around) { around.classList.remove("h-bad", "h-warn", "h-ok"); around.classList.add("h-" + state); }
    }
  }

  function since(element) {
    const seconds = Math.max(0, Math.trunc((Date.now() - new Date(element.dataset.since)) / 1000));
    const minutes = Math.floor(seconds / 60);
    element.textContent = minutes < 60 ? V.count("minutes", minutes) : minutes < 1440 ? V.count("hours", Math.floor(minutes / 60)) : V.count("days", Math.floor(minutes / 1440));
  }

  V.each("[data-until]", (element) => { element.setAttribute("aria-live", "off"); tick(element); });
  setInterval(() => { if (!document.hidden) document.querySelectorAll("[data-until]").forEach(tick); }, 1000);
  setInterval(() => { if (!document.hidden) document.querySelectorAll("[data-since]").forEach(since); }, 30000);
})();

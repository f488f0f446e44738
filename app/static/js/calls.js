/* A call: the link opens the telephone, and the window asks how it went (data-called is its address). */
(function () {
  "use strict";
  const V = window.V;
  V.on("click", "a[data-called]", (event, link) => {
    htmx.ajax("GET", link.dataset.called, { target: "#window", swap: "innerHTML", source: link });
  });
})();

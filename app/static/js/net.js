/* The network: the token of htmx's requests, what to say when an answer is an error, and when there is no network. */
(function () {
  "use strict";
  const V = window.V;

  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    if (request.method && request.method.toUpperCase() !== "GET") request.headers["X-CSRFToken"] = V.token();
    /* A page that keeps itself fresh is told of a change and not sent away (views/shell.py: settled). */
    if (document.querySelector("[data-live]")) request.headers["X-Live"] = "1";
  });

  const words = (status) => ({ 403: V.words.forbidden, 404: V.words.gone, 413: V.words.too_large, 429: V.words.too_often })[status] || V.words.failed;

  /* 400, 409 and 422 carry the form with its errors and are drawn; the rest is said in a toast. */
  document.addEventListener("htmx:response:error", (event) => {
    const { response, text, hx } = event.detail.ctx;
    if (hx && (hx.redirect || hx.trigger)) return; /* the server has said it itself (app/errors.py) */
    if (response.status === 401) return location.reload();
    if ([400, 409, 422].includes(response.status)) return;
    const page = new DOMParser().parseFromString(text || "", "text/html").querySelector("[data-error-words]");
    V.toast({ kind: "bad", words: (page && page.textContent.trim()) || words(response.status) });
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx) V.toast({ kind: "bad", words: navigator.onLine ? V.words.failed : V.words.offline });
  });

  let away = null;
  window.addEventListener("offline", () => { away = V.toast({ kind: "bad", words: V.words.offline }); });
  window.addEventListener("online", () => { if (away) away.remove(); V.toast({ kind: "ok", words: V.words.online }); });
})();

/* Put into a page of any site: <script async src="https://crm.example/f/TOKEN/embed.js"></script>
   It makes a frame with the form where it stands, gives it its height, and tells it where the visitor came from. */
(function () {
  "use strict";
  const script = document.currentScript;
  if (!script || !script.parentNode) return;
  const source = new URL(script.src);
  const marks = ["source", "medium", "campaign", "content", "term"];

  function utm(search) {
    const found = {};
    const asked = new URLSearchParams(search);
    for (const mark of marks) if (asked.get("utm_" + mark)) found["utm_" + mark] = asked.get("utm_" + mark).slice(0, 250);
    return found;
  }

  /* The first page of this visitor on this site, with what brought him: kept in his own browser. */
  function first() {
    const now = { page: location.href.slice(0, 1000), referrer: document.referrer.slice(0, 1000), utm: utm(location.search) };
    try {
      const known = JSON.parse(localStorage.getItem("voronka.first") || "null");
      if (known && typeof known.page === "string") return known;
      localStorage.setItem("voronka.first", JSON.stringify(now));
    } catch (e) { /* a browser that keeps nothing */ }
    return now;
  }

  const began = first();
  const here = utm(location.search);
  const told = new URLSearchParams({
    embed: "1",
    page: location.href.slice(0, 1000),
    referrer: String(document.referrer || began.referrer || "").slice(0, 1000),
    first_page: String(began.page).slice(0, 1000),
    ...(Object.keys(here).length ? here : began.utm || {}),
  });
  const language = script.dataset.lang || (document.documentElement.lang || "").slice(0, 2);
  if (language === "ru" || language === "en") told.set("lang", language);

  const frame = document.createElement("iframe");
  frame.src = source.origin + source.pathname.replace(/\/embed\.js$/, "") + "?" + told;
  frame.title = script.dataset.title || "Request form";
  frame.style.cssText = "display:block;width:100%;border:0;height:640px";
  script.parentNode.insertBefore(frame, script);

  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== source.origin) return;
    const height = event.data && event.data.voronka;
    if (typeof height === "number" && height > 0 && height < 10000) frame.style.height = height + "px";
    if (frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
  });
})();

/* Runs before the first paint: in "auto" the page takes the system's theme, and the server is told it for the next page. */
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function remember(chosen, shown) {
    const value = chosen === "auto" ? "auto." + shown : chosen;
    document.cookie = "theme=" + value + "; path=/; max-age=31536000; samesite=lax" + (location.protocol === "https:" ? "; secure" : "");
  }

  function apply(chosen) {
    const shown = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
    root.dataset.theme = chosen;
    if (root.dataset.bsTheme !== shown) {
      root.dataset.bsTheme = shown;
      document.dispatchEvent(new CustomEvent("v:theme", { detail: shown }));
    }
    remember(chosen, shown);
  }

  apply(root.dataset.theme || "auto");
  dark.addEventListener("change", () => root.dataset.theme === "auto" && apply("auto"));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set]");
    if (!button) return;
    apply(button.dataset.themeSet);
    for (const each of document.querySelectorAll("[data-theme-set]")) {
      const on = each.dataset.themeSet === button.dataset.themeSet;
      each.classList.toggle("on", on);
      each.setAttribute("aria-checked", String(on));
    }
  });
})();

/* References: a select that searches on the server. GET data-ref-url?q=… answers {"results": [{"id", "text", "note"}]}. */
(function () {
  "use strict";
  const V = window.V;

  function line(item, escape) {
    return '<div class="row1"><span class="el grow">' + escape(item.text) + "</span>" +
      (item.note ? '<span class="mut3 s12 nw">' + escape(item.note) + "</span>" : "") + "</div>";
  }

  const common = (select) => ({
    maxOptions: 50,
    hideSelected: false,
    dropdownParent: select.closest("dialog") || "body",
    plugins: select.multiple ? { remove_button: { title: V.words.clear } } : select.required ? {} : { clear_button: { title: V.words.clear } },
    render: {
      option: line,
      item: (item, escape) => "<div>" + escape(item.text) + "</div>",
      no_results: (data) => '<div class="no-results">' + (data.input ? V.words.nothing : V.words.type_more) + "</div>",
    },
  });

  /* The list of choices lies in the browser's top layer, so that no dialog and no scrolling pane cuts it off. */
  function float(control) {
    const list = control.dropdown;
    list.popover = "manual";
    control.positionDropdown = () => {
      if (!list.matches(":popover-open")) list.showPopover();
      const near = control.control.getBoundingClientRect();
      const size = list.getBoundingClientRect();
      const below = window.innerHeight - near.bottom - 8;
      const top = size.height > below && near.top > below ? Math.max(8, near.top - size.height - 4) : near.bottom + 4;
      list.style.setProperty("width", near.width + "px");
      list.style.setProperty("left", near.left + "px");
      list.style.setProperty("top", top + "px");
    };
    const place = () => control.isOpen && control.positionDropdown();
    control.on("load", () => requestAnimationFrame(place));
    control.on("type", () => requestAnimationFrame(place));
    control.on("dropdown_close", () => list.matches(":popover-open") && list.hidePopover());
    window.addEventListener("scroll", place, true);
    window.addEventListener("resize", place);
  }

  function name(select, control) {
    float(control);
    const label = document.querySelector('label[for="' + select.id + '"]');
    if (label && control.control_input) control.control_input.setAttribute("aria-label", label.textContent);
    if (select.classList.contains("is-invalid")) control.wrapper.classList.add("is-invalid");
  }

  V.each("select[data-ref-url]", (select) => {
    let asked = null;
    const control = new TomSelect(select, {
      ...common(select),
      valueField: "id",
      labelField: "text",
      searchField: [],
      score: () => () => 1,
      shouldLoad: () => true,
      loadThrottle: 200,
      load: async (query, done) => {
        if (asked) asked.abort();
        asked = new AbortController();
        const mark = select.dataset.refUrl.includes("?") ? "&" : "?";
        const response = await V.fetch(select.dataset.refUrl + mark + "q=" + encodeURIComponent(query), { signal: asked.signal });
        const answer = response && response.ok ? await response.json().catch(() => null) : null;
        if (!answer) return done([]);
        const found = answer.results;
        const kept = new Set([].concat(control.getValue()).map(String));
        for (const id of Object.keys(control.options)) if (!kept.has(id)) control.removeOption(id, true);
        done(found);
      },
      onFocus: () => control.load(""),
    });
    name(select, control);
  });

  /* Several of a short list: roles, channels. The whole list is in the page. */
  V.each("select[data-many]", (select) => {
    const control = new TomSelect(select, { ...common(select), maxOptions: 500, render: { no_results: () => '<div class="no-results">' + V.words.nothing + "</div>" } });
    name(select, control);
  });
})();

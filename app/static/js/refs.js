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

  function name(select, control) {
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
        if (!response || !response.ok) return done([]);
        const found = (await response.json()).results;
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

/* Charts: the server says what is drawn, the page gives the colours of its theme, and a mark opens its list. */
(function () {
  "use strict";
  const V = window.V;
  const drawn = [];

  /** The value of a name of a CSS variable, or of each of a list of them. */
  function coloured(paint, style) {
    if (Array.isArray(paint)) return paint.map((one) => coloured(one, style));
    return style.getPropertyValue(paint).trim();
  }

  function put(target, path, value) {
    const steps = path.split(".");
    const last = steps.pop();
    for (const step of steps) target = target[step] = target[step] || {};
    target[last] = value;
  }

  /** Many names under a narrow chart would run into one another: every second one is left out. */
  function thinned(layout, width) {
    const names = layout.xaxis && layout.xaxis.ticktext;
    if (names && width / names.length < 34) layout.xaxis.ticktext = names.map((name, place) => ((names.length - place) % 2 ? name : ""));
  }

  /** The figure as it came, with the colours that hold now. */
  function painted(source, width) {
    const style = getComputedStyle(document.documentElement);
    const figure = JSON.parse(source);
    for (const part of [figure.layout, ...figure.data]) {
      for (const [path, paint] of Object.entries((part.meta || {}).paint || {})) put(part, path, coloured(paint, style));
    }
    thinned(figure.layout, width);
    put(figure.layout, "hoverlabel.bgcolor", coloured("--v-raised", style));
    put(figure.layout, "hoverlabel.bordercolor", coloured("--v-line-2", style));
    put(figure.layout, "hoverlabel.font.color", coloured("--v-text", style));
    return figure;
  }

  V.each("[data-plot]", (box) => {
    const source = document.getElementById(box.dataset.plot).textContent;
    const figure = painted(source, box.clientWidth);
    window.Plotly.newPlot(box, figure.data, figure.layout, figure.config).then(() => {
      box.on("plotly_click", (event) => { if (event.points[0].customdata) location.href = event.points[0].customdata; });
      box.on("plotly_hover", () => box.querySelector(".nsewdrag")?.classList.add("cursor-pointer"));
      box.on("plotly_unhover", () => box.querySelector(".nsewdrag")?.classList.remove("cursor-pointer"));
    });
    drawn.push([box, source]);
  });

  document.addEventListener("v:theme", () => {
    for (const [box, source] of drawn) {
      const figure = painted(source, box.clientWidth);
      window.Plotly.react(box, figure.data, figure.layout, figure.config);
    }
  });
})();

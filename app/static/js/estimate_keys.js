/* The grid of an estimate by hand: Enter and arrows, Alt ↑↓, removing and putting back, lines pasted from Excel. */
(function () {
  "use strict";
  const V = window.V;
  const PASTED = ["name", "size", "quantity", "unit", "price", "discount"];
  /* What so many columns of a spreadsheet most likely are. */
  const SHAPES = {
    1: ["name"], 2: ["name", "quantity"], 3: ["name", "quantity", "price"], 4: ["name", "quantity", "unit", "price"],
    5: ["name", "size", "quantity", "unit", "price"], 6: PASTED,
  };

  const table = (text) => text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").map((line) => line.split("\t").map((one) => one.trim()));
  const isNumber = (text) => text !== "" && V.parse(text, 3) !== null;

  /** Rows of a spreadsheet as lines: a column of row numbers and a head are left out. */
  function linesOf(rows) {
    let kept = rows.filter((row) => row.some(Boolean));
    const widest = () => Math.max(0, ...kept.map((row) => row.length));
    const body = kept.slice(1).length ? kept.slice(1) : kept;
    if (widest() > 2 && body.every((row) => /^\d+\.?$/.test(row[0])) && body.some((row) => row[1] && !isNumber(row[1]))) {
      kept = kept.map((row) => row.slice(1));
    }
    const shape = SHAPES[Math.min(widest(), 6)] || [];
    const numeric = shape.map((name, n) => (["quantity", "price"].includes(name) ? n : -1)).filter((n) => n >= 0);
    if (kept.length > 1 && numeric.length && numeric.every((n) => kept[0][n] && !isNumber(kept[0][n]))) kept = kept.slice(1);
    return kept.map((row) => Object.fromEntries(shape.map((name, n) => [name, row[n] || ""]).filter(([, value]) => value !== "")));
  }

  V.each("#estimate[data-editable=y]", (root) => {
    const E = V.estimate;
    const find = document.getElementById("e-find");
    const box = (row, name) => row.querySelector('[data-col="' + name + '"]');
    const go = (row, name) => { const cell = row && box(row, name); if (cell) { cell.focus(); cell.select(); } return Boolean(cell); };
    const near = (row, step) => { const rows = E.rows(); return rows[rows.indexOf(row) + step]; };

    /** A row one place up or down; from the edge of a section into the other one. */
    function move(row, up) {
      const body = row.parentNode;
      const beside = up ? row.previousElementSibling : row.nextElementSibling;
      if (beside && beside.matches("[data-line]")) up ? beside.before(row) : beside.after(row);
      else {
        const other = up ? body.previousElementSibling : body.nextElementSibling;
        if (!other || !other.matches("[data-section]")) return;
        up ? other.append(row) : other.querySelector("[data-head]").after(row);
      }
    }

    root.addEventListener("keydown", (event) => {
      const cell = event.target.closest(".e-in");
      if (!cell || event.ctrlKey || event.metaKey) return;
      const [row, name] = [cell.closest("[data-line]"), cell.dataset.col];
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.code];
      if (event.altKey && step) {
        event.preventDefault();
        move(row, step < 0);
        E.touch();
        cell.focus();
      } else if (step) {
        event.preventDefault();
        go(near(row, step), name);
      } else if (event.code === "Enter" || event.code === "NumpadEnter") {
        event.preventDefault();
        const last = row.parentNode.querySelector("[data-line]:last-child") === row;
        if (last) { E.section = row.parentNode.dataset.section; find.focus(); } else go(near(row, 1), name);
      } else if (event.code === "Escape") cell.blur();
    });
    root.addEventListener("focusin", (event) => {
      const body = event.target.closest("[data-section]");
      if (body) E.section = body.dataset.section;
    });

    // ── removing, and putting back ────────────────────────────────────────────
    let removed = null;
    const note = root.querySelector("[data-removed]");
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-remove]");
      if (button) {
        const row = button.closest("[data-line]");
        const after = near(row, 1) || near(row, -1);
        removed = { line: E.value(row), vat: row.dataset.vat, before: row.nextElementSibling, body: row.parentNode };
        row.remove();
        note.hidden = false;
        E.touch();
        after ? go(after, "name") : find.focus();
      }
      if (event.target.closest("[data-put-back]") && removed) {
        const row = E.add({ ...removed.line, vat: removed.vat });
        removed.before && removed.before.isConnected ? removed.before.before(row) : removed.body.append(row);
        removed = null;
        note.hidden = true;
        E.touch();
        go(row, "name");
      }
    });

    // ── paste ─────────────────────────────────────────────────────────────────
    root.addEventListener("paste", (event) => {
      const text = (event.clipboardData || window.clipboardData).getData("text/plain");
      if (!/[\t\n]/.test(text.trim())) return;
      if (event.target === find) {
        event.preventDefault();
        const rows = linesOf(table(text)).map((line) => E.add({ ...line, section: E.section }));
        E.touch();
        go(rows[0], "name");
      } else if (event.target.matches(".e-in")) {
        event.preventDefault();
        fillFrom(event.target, table(text));
      }
    });

    /** As a spreadsheet does: from this cell to the right and down, new rows when there are not enough. */
    function fillFrom(cell, rows) {
      const start = E.columns.indexOf(cell.dataset.col);
      let row = cell.closest("[data-line]");
      const section = row.parentNode.dataset.section;
      rows.forEach((values, n) => {
        if (n) row = row.nextElementSibling && row.nextElementSibling.matches("[data-line]") ? row.nextElementSibling : E.add({ section });
        values.forEach((value, k) => {
          const target = box(row, E.columns[start + k] || "-");
          if (!target) return;
          target.value = value;
          target.dispatchEvent(new Event("input", { bubbles: true }));
        });
      });
      E.touch();
    }
  });
})();

/* The grid of an estimate: cells that work as a spreadsheet's, live sums, saving, both values of a conflict. */
(function () {
  "use strict";
  const V = window.V;
  const COLUMNS = ["name", "size", "quantity", "unit", "price", "discount", "cost"];
  const NUMBERS = { quantity: 3, price: 2, discount: 2, cost: 2 };

  V.each("#estimate", (root) => {
    const $ = (selector) => root.querySelector(selector);
    const all = (selector) => [...root.querySelectorAll(selector)];
    const editable = root.dataset.editable === "y";
    const costs = root.dataset.costs === "y";
    const E = (V.estimate = { root, columns: COLUMNS });

    // ── a row as values ───────────────────────────────────────────────────────
    const cell = (row, name) => row.querySelector('[data-col="' + name + '"]');
    const read = (row, name) => {
      const box = cell(row, name);
      return box ? (box.matches("input") ? box.value : box.dataset.value || "") : "";
    };
    const off = (row) => (row.dataset.off ? V.parse(row.dataset.off, 2) : null);
    const sumsOf = (row) => V.lineSums({
      quantity: read(row, "quantity"), price: read(row, "price"), discount: read(row, "discount"),
      cost: read(row, "cost"), off: off(row), vat: row.dataset.vat,
    });
    /** A number travels as digits with a point; what is no number goes as it was typed, to be refused in words. */
    const plain = (name, text) => {
      const scaled = name in NUMBERS && text.trim() !== "" ? V.parse(text, NUMBERS[name]) : null;
      if (scaled === null) return text;
      const digits = String(scaled).padStart(NUMBERS[name] + 1, "0");
      return digits.slice(0, -NUMBERS[name]) + "." + digits.slice(-NUMBERS[name]);
    };
    E.rows = () => all("[data-line]");
    E.value = (row) => {
      const line = {
        id: row.dataset.id ? Number(row.dataset.id) : null, product_id: row.dataset.product ? Number(row.dataset.product) : null,
        section: row.closest("[data-section]").dataset.section, sku: row.dataset.sku, discount_sum: row.dataset.off || null,
      };
      for (const name of COLUMNS) if (cell(row, name)) line[name] = plain(name, read(row, name));
      return line;
    };
    E.lines = () => E.rows().map(E.value);
    const terms = () => Object.fromEntries(all("[data-term]").map((box) => [box.dataset.term, box.value]));
    const said = (name, value) => {
      const scaled = V.parse(value, NUMBERS[name]);
      if (scaled === null || value === "") return String(value || "");
      const isMoney = name === "price" || name === "cost";
      return isMoney ? V.money(scaled, false) : V.number(scaled, NUMBERS[name]);
    };
    E.fill = (row, line) => {
      row.dataset.id = line.id || "";
      row.dataset.product = line.product_id || "";
      row.dataset.sku = line.sku || "";
      row.dataset.vat = line.vat === null || line.vat === undefined ? (line.id ? "" : root.dataset.vat) : line.vat;
      row.dataset.off = line.discount_sum || "";
      for (const name of COLUMNS) {
        const box = cell(row, name);
        if (!box || line[name] === undefined || line[name] === null) continue;
        box.value = name in NUMBERS ? said(name, line[name]) : line[name];
        box.classList.remove("is-invalid");
      }
      return row;
    };
    E.add = (line, after) => {
      const row = document.getElementById("e-line").content.querySelector("tr").cloneNode(true);
      E.fill(row, { quantity: "1", discount: "0", unit: document.getElementById("estimate").dataset.unit, price: "", ...line });
      const body = $('[data-section="' + (line.section === "work" ? "work" : "goods") + '"]');
      after && after.parentNode === body ? after.after(row) : body.append(row);
      return row;
    };

    // ── sums ──────────────────────────────────────────────────────────────────
    const put = (selector, text) => document.querySelectorAll(selector).forEach((place) => { place.textContent = text; });
    const least = V.parse(root.dataset.least, 2);
    function shown(row, n) {
      const sums = sumsOf(row);
      row.querySelector("[data-n]").textContent = n;
      row.querySelector("[data-sum]").textContent = sums ? V.money(sums.sum, false) : "…";
      row.classList.toggle("off", Boolean(sums && sums.sum !== sums.full));
      const margin = row.querySelector("[data-margin]");
      if (margin) {
        const share = sums && sums.sum > 0n ? V.divide((sums.sum - sums.cost) * 1000n, sums.sum) : null;
        margin.textContent = share === null ? "" : V.percent(share);
        margin.classList.toggle("bad", share !== null && share * 10n < least);
      }
      for (const box of row.querySelectorAll("td[data-col]")) {
        const name = box.dataset.col;
        box.textContent = said(name, box.dataset.value) + (name === "discount" && V.parse(box.dataset.value, 2) ? "\u00a0%" : "");
      }
      return sums;
    }
    E.draw = () => {
      const total = { full: 0n, sum: 0n, cost: 0n, tax: 0n };
      const rates = new Set();
      let n = 0;
      for (const body of all("[data-section]")) {
        let sum = 0n;
        for (const row of body.querySelectorAll("[data-line]")) {
          const sums = shown(row, ++n);
          if (!sums) continue;
          for (const name of Object.keys(total)) total[name] += sums[name];
          sum += sums.sum;
          rates.add(sums.rate === null ? "" : String(sums.rate));
        }
        body.querySelector("[data-section-sum]").textContent = V.money(sum);
      }
      put("[data-full]", V.money(total.full));
      put("[data-discount]", V.money(total.sum - total.full));
      put("[data-total]", V.money(total.sum));
      drawVat(total.tax, rates);
      if (costs) drawMargin(total);
      const share = $('[data-term="prepayment_percent"]');
      const percent = share ? V.parse(share.value, 2) : null;
      put("[data-prepayment]", percent === null ? "" : V.money(V.divide(total.sum * percent, 10000n)));
      E.total = total.sum;
    };
    function drawVat(tax, rates) {
      const place = $("[data-vat-words]");
      const taxed = [...rates].filter((rate) => rate !== "");
      const rate = taxed.length === 1 ? V.number(BigInt(taxed[0]), 2) + (V.lang === "ru" ? "\u00a0%" : "%") : "";
      const words = !rates.size ? "" : !taxed.length ? place.dataset.vatNone : rate ? place.dataset.vatWords : place.dataset.vatMany;
      place.textContent = words.replace("{rate}", rate).replace("{sum}", V.number(tax, 2, true));
    }
    function drawMargin({ sum, cost }) {
      const share = sum > 0n ? V.divide((sum - cost) * 1000n, sum) : 0n;
      const low = sum > 0n && share * 10n < least;
      put("[data-margin-all]", sum > 0n ? V.money(sum - cost) + " · " + V.percent(share) : "");
      $("[data-margin-all]").className = "push num " + (low ? "bad" : "ok");
      $(".e-bar").classList.toggle("low", low);
      $("[data-margin-bar]").style.setProperty("width", Math.max(0, Math.min(100, Number(share) / 5)) + "%");
      const place = $("[data-room]");
      const lowest = least < 10000n ? (cost * 10000n + (10000n - least) - 1n) / (10000n - least) : sum;
      const room = sum > lowest ? ((sum - lowest) / 10000n) * 10000n : 0n;
      place.textContent = !sum ? "" : room > 0n ? place.dataset.words.replace("{sum}", V.money(room)) : place.dataset.none;
    }

    if (!editable) return E.draw();

    // ── what is saved, and the draft in this browser ──────────────────────────
    const snapshot = () => JSON.stringify([E.lines(), terms()]);
    const key = "draft:" + (document.body.dataset.person || "0") + ":" + root.dataset.draft;
    let saved = "";
    let sending = false;
    E.isDirty = () => snapshot() !== saved;
    const store = (text) => { try { text ? localStorage.setItem(key, text) : localStorage.removeItem(key); } catch { /* the browser's store is full */ } };
    E.touch = () => {
      E.draw();
      const dirty = E.isDirty();
      document.querySelector("[data-saved]").hidden = dirty;
      document.querySelector("[data-unsaved]").hidden = !dirty;
      clearTimeout(E.timer);
      E.timer = setTimeout(() => store(E.isDirty() ? JSON.stringify({ at: Date.now(), version: root.dataset.version, lines: E.lines(), terms: terms() }) : ""), 400);
    };
    window.addEventListener("beforeunload", (event) => { if (!sending && E.isDirty()) event.preventDefault(); });
    E.take = (lines, given) => {
      E.rows().forEach((row) => row.remove());
      lines.forEach((line) => E.add(line));
      for (const box of all("[data-term]")) if (given && given[box.dataset.term] !== undefined) box.value = given[box.dataset.term];
      E.touch();
    };
    function offer() {
      let draft = null;
      try { draft = JSON.parse(localStorage.getItem(key)); } catch { return; }
      if (!draft || JSON.stringify([draft.lines, draft.terms]) === saved) return;
      const note = document.createElement("div");
      note.className = "v-note v-draft";
      const words = document.createElement("span");
      words.className = "grow";
      const when = new Intl.DateTimeFormat(V.lang, { day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
      words.textContent = V.words.draft.replace("{when}", when.format(new Date(draft.at)));
      const button = (text, act) => Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: text, onclick: () => { act(); note.remove(); } });
      note.append(words, button(V.words.draft_restore, () => E.take(draft.lines, draft.terms)), button(V.words.draft_drop, () => store("")));
      $("[data-notes]").append(note);
    }

    // ── saving ────────────────────────────────────────────────────────────────
    const post = (url, body) => V.fetch(url, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body) });
    /** What the server said: its answer, or what it refuses. */
    const told = async (response) => {
      const said = response && (await response.json().catch(() => null));
      return said && (said.error || said);
    };
    E.refuse = (answer) => {
      const [place, name] = String(answer.field || "").split(".");
      const row = E.rows()[Number(place) - 1];
      const box = name && row ? cell(row, name) : root.querySelector('[data-term="' + answer.field + '"]');
      if (box) { box.classList.add("is-invalid"); box.focus(); }
      V.toast({ kind: "bad", words: answer.words });
    };
    E.save = async (force, stay) => {
      if (sending) return false;
      E.rows().filter((row) => !read(row, "name").trim() && !row.dataset.sku).forEach((row) => row.remove());
      all(".is-invalid").forEach((box) => box.classList.remove("is-invalid"));
      sending = true;
      const version = force ? null : Number(root.dataset.version);
      const response = await post(root.dataset.saveUrl, { id: root.dataset.id ? Number(root.dataset.id) : null, version, lines: E.lines(), terms: terms() });
      sending = false;
      const answer = await told(response);
      if (!answer) return false;
      if (response.status === 409 && answer.differences) return conflict(answer);
      if (!response.ok) { E.refuse(answer); return false; }
      const isFirst = !root.dataset.id;
      root.dataset.id = answer.id;
      root.dataset.version = answer.version;
      E.rows().forEach((row, n) => E.fill(row, answer.lines[n]));
      saved = snapshot();
      store("");
      E.touch();
      /* The list of versions and the menu know of the first version only after a reload. */
      if (isFirst && !stay) location.reload();
      return true;
    };
    function conflict(answer) {
      const dialog = document.getElementById("conflict");
      dialog.querySelector("[data-who]").textContent = dialog.dataset.words.replace("{who}", answer.changed_by);
      const value = (one) => (one === null || one === "None" ? dialog.dataset.gone : String(one));
      dialog.querySelector("tbody").replaceChildren(...answer.differences.map((one) => {
        const row = document.createElement("tr");
        for (const text of [one.field, value(one.mine), value(one.theirs)]) row.append(Object.assign(document.createElement("td"), { textContent: text }));
        return row;
      }));
      V.open(dialog);
      dialog.querySelector("[data-keep-mine]").onclick = () => { dialog.close(); E.save(true); };
      dialog.querySelector("[data-take-theirs]").onclick = () => { store(""); sending = true; location.reload(); };
      return false;
    }
    V.on("click", "[data-save]", () => E.save());
    /* What freezes the version asks for a save first. */
    V.on("click", "[data-ask]", async (event, button) => {
      if (!E.isDirty() && root.dataset.id) return V.open(document.querySelector(button.dataset.ask));
      if (await E.save(false, true)) V.open(document.querySelector(button.dataset.ask));
    });
    document.addEventListener("submit", async (event) => {
      if (!event.target.matches("[data-when-saved]") || !E.isDirty()) return;
      event.preventDefault();
      if (await E.save(false, true)) event.target.submit();
    }, true);

    // ── discounts on the whole ────────────────────────────────────────────────
    V.on("submit", "[data-reprice]", async (event, form) => {
      event.preventDefault();
      event.stopPropagation();
      const body = { id: root.dataset.id ? Number(root.dataset.id) : null, lines: E.lines(), [form.dataset.reprice]: form.querySelector("input").value };
      const response = await post(root.dataset.priceUrl, body);
      const answer = await told(response);
      document.dispatchEvent(new CustomEvent("htmx:finally:request"));
      if (!answer) return;
      if (!response.ok) return V.toast({ kind: "bad", words: answer.words });
      form.closest("dialog").close();
      E.rows().filter((row) => !read(row, "name").trim() && !row.dataset.sku).forEach((row) => row.remove());
      E.rows().forEach((row, n) => E.fill(row, answer.lines[n]));
      E.touch();
    });

    root.addEventListener("input", (event) => {
      const row = event.target.closest("[data-line]");
      if (row) {
        const name = event.target.dataset.col;
        if (["quantity", "price", "discount"].includes(name)) row.dataset.off = "";
        event.target.classList.toggle("is-invalid", name in NUMBERS && V.parse(event.target.value, NUMBERS[name]) === null);
      }
      E.touch();
    });
    root.addEventListener("change", () => E.touch());
    E.rows().forEach((row) => E.fill(row, { ...E.value(row), vat: row.dataset.vat === "" && row.dataset.id ? null : row.dataset.vat }));
    saved = snapshot();
    E.touch();
    offer();
    root.dispatchEvent(new CustomEvent("v:estimate"));
  });

  V.on("click", "[data-eye]", (event, button) => {
    const on = document.getElementById("estimate").classList.toggle("costs");
    button.setAttribute("aria-pressed", String(on));
  });
})();

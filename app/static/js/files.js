/* Files of a card: chosen, taken with the camera, dropped or pasted; sent one after another with their progress; looked at. */
(function () {
  "use strict";
  const V = window.V;
  const TRIES = 8, PAUSE = 1500;
  /* Where a message is written a file goes with the message. */
  const OWN = "form[data-say]";
  let sending = 0;

  const make = (tag, cls, text) => {
    const element = document.createElement(tag);
    if (cls) element.className = cls;
    if (text) element.textContent = text;
    return element;
  };

  /* ── sending ─────────────────────────────────────────────────────────────── */

  V.each("[data-files]", (box) => {
    const list = box.querySelector("[data-files-list]"), queue = box.querySelector("[data-files-sending]");
    if (!box.querySelector("[data-files-input]")) return look(box, list);
    const waiting = [];
    let busy = false;

    const add = (files) => {
      for (const file of files) waiting.push(line(file));
      next();
    };

    function line(file) {
      const row = make("li"), stop = make("button", "btn btn-ghost btn-sm", box.dataset.stop), bar = make("progress");
      stop.type = "button";
      bar.max = 100;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      row.append(make("span", "el", file.name), stop, bar);
      queue.append(row);
      queue.hidden = false;
      const one = { file, row, bar, stop };
      stop.addEventListener("click", () => { if (one.request) one.request.abort(); else { waiting.splice(waiting.indexOf(one), 1); end(one); } });
      return one;
    }

    function end(one) {
      one.row.remove();
      queue.hidden = !queue.children.length;
    }

    function next() {
      if (busy || !waiting.length) return;
      busy = true;
      sending += 1;
      const one = waiting.shift();
      send(one, () => { busy = false; sending -= 1; next(); });
    }

    function send(one, after) {
      const request = (one.request = new XMLHttpRequest()), body = new FormData();
      body.append("on", box.dataset.on);
      body.append("file", one.file, one.file.name);
      request.open("POST", box.dataset.url);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRFToken", V.token());
      request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) one.bar.value = (100 * event.loaded) / event.total; });
      request.addEventListener("load", () => { answered(one, request); after(); });
      request.addEventListener("error", () => { failed(one, box.dataset.broken); after(); });
      request.addEventListener("abort", () => { end(one); after(); });
      request.send(body);
    }

    function answered(one, request) {
      let said = {};
      try { said = JSON.parse(request.responseText); } catch (error) { said = {}; }
      if (request.status === 200) { end(one); show(box, list, said.html); return told(); }
      if (request.status === 413) return failed(one, box.dataset.large, true);
      failed(one, (said.error && said.error.words) || box.dataset.broken, request.status < 500);
    }

    function failed(one, words, final) {
      one.request = null;
      one.bar.remove();
      one.row.append(make("span", "bad", words));
      const again = one.stop.cloneNode();
      again.textContent = final ? V.words.close : box.dataset.again;
      one.stop.replaceWith(again);
      again.addEventListener("click", () => { end(one); if (!final) add([one.file]); });
    }

    box.addEventListener("change", (event) => {
      if (!event.target.matches("[data-files-input]")) return;
      add(event.target.files);
      event.target.value = "";
    });
    drop(box, add);
    look(box, list);
  });

  function drop(box, add) {
    const holds = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
    let inside = 0;
    /* The whole card is the place. */
    const mine = (event) => holds(event) && V.visible(box) && !(event.target.closest && event.target.closest(OWN));
    document.addEventListener("dragenter", (event) => { if (mine(event)) { inside += 1; box.classList.add("over"); } });
    document.addEventListener("dragleave", (event) => { if (holds(event)) { inside = Math.max(0, inside - 1); if (!inside) box.classList.remove("over"); } });
    document.addEventListener("dragover", (event) => { if (mine(event)) event.preventDefault(); });
    document.addEventListener("drop", (event) => {
      inside = 0;
      box.classList.remove("over");
      if (!mine(event)) return;
      event.preventDefault();
      add(event.dataTransfer.files);
    });
    document.addEventListener("paste", (event) => {
      const files = event.clipboardData ? event.clipboardData.files : [];
      if (!files.length || !V.visible(box) || event.target.closest(OWN + ", input, textarea")) return;
      event.preventDefault();
      add(files);
    });
  }

  V.on("dragover", OWN, (event) => event.preventDefault());
  V.on("drop", OWN, (event, form) => {
    const input = form.querySelector("[data-say-files]");
    if (!input || !event.dataTransfer.files.length) return;
    event.preventDefault();
    const all = new DataTransfer();
    for (const file of [...input.files, ...event.dataTransfer.files]) all.items.add(file);
    input.files = all.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  window.addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });

  /** The feed beside it tells of files too (js/talk.js). */
  const told = () => document.dispatchEvent(new CustomEvent("v:said"));

  /* ── the list ────────────────────────────────────────────────────────────── */

  function show(box, list, html) {
    list.innerHTML = html;
    const count = box.querySelector("[data-files-count]");
    const held = list.querySelectorAll(".f-one, .f-line").length;
    if (count) { count.textContent = held; count.hidden = !held; }
    look(box, list);
  }

  /** Pictures that are still being drawn are asked for again for a while. */
  function look(box, list) {
    if (box.dataset.looking || !list.querySelector("[data-waiting]")) return;
    box.dataset.looking = "1";
    let left = TRIES;
    const ask = async () => {
      const response = document.hidden ? null : await V.fetch(box.dataset.of);
      if (response && response.ok) list.innerHTML = await response.text();
      left -= 1;
      if (left > 0 && list.querySelector("[data-waiting]")) return setTimeout(ask, PAUSE);
      delete box.dataset.looking;
    };
    setTimeout(ask, PAUSE);
  }

  V.on("submit", "form[data-files-remove]", async (event, form) => {
    event.preventDefault();
    const box = form.closest("[data-files]");
    const response = await V.fetch(form.action, { method: "POST", headers: { Accept: "application/json" } });
    if (!response) return;
    const said = await response.json().catch(() => ({}));
    if (!response.ok) return V.toast({ kind: "bad", words: (said.error && said.error.words) || V.words.failed });
    V.toast({ kind: "ok", words: said.words, undo: said.undo });
    const list = await V.fetch(box.dataset.of);
    if (list && list.ok) show(box, box.querySelector("[data-files-list]"), await list.text());
    told();
  });

  /* ── looking at pictures ─────────────────────────────────────────────────── */

  let dialog = null, shown = [], at = 0;

  function build() {
    dialog = make("dialog", "f-view");
    const head = make("div", "f-head"), stage = make("div", "f-stage");
    dialog.picture = make("img");
    dialog.name = make("b", "el grow");
    dialog.said = make("span", "s12 mut3 nw desk");
    const button = (words, act) => { const one = make("button", "btn btn-ghost btn-sm", words); one.type = "button"; one.addEventListener("click", act); return one; };
    dialog.back = button("‹", () => step(-1));
    dialog.forth = button("›", () => step(1));
    dialog.jpeg = make("a", "btn btn-sm", "JPEG");
    dialog.save = make("a", "btn btn-sm", V.words.download);
    for (const link of [dialog.jpeg, dialog.save]) link.setAttribute("download", "");
    dialog.off = button("", () => { dialog.close(); dialog.form.requestSubmit(); });
    dialog.back.setAttribute("aria-label", V.words.previous);
    dialog.forth.setAttribute("aria-label", V.words.next);
    head.append(dialog.name, dialog.said, dialog.back, dialog.forth, dialog.jpeg, dialog.save, dialog.off, button(V.words.close, () => dialog.close()));
    stage.append(dialog.picture);
    stage.addEventListener("click", (event) => { if (event.target === stage) dialog.close(); });
    dialog.append(head, stage);
    dialog.addEventListener("keydown", (event) => {
      if (event.code === "ArrowLeft") step(-1);
      if (event.code === "ArrowRight") step(1);
    });
    document.body.append(dialog);
  }

  function step(by) {
    at = (at + by + shown.length) % shown.length;
    const link = shown[at];
    dialog.picture.src = link.href;
    dialog.picture.alt = dialog.name.textContent = link.dataset.name;
    dialog.setAttribute("aria-label", link.dataset.name);
    dialog.said.textContent = link.dataset.said;
    dialog.save.href = link.dataset.save;
    dialog.jpeg.hidden = !link.dataset.jpeg;
    if (link.dataset.jpeg) dialog.jpeg.href = link.dataset.jpeg;
    dialog.back.hidden = dialog.forth.hidden = shown.length < 2;
    const one = link.closest(".f-one");
    dialog.form = one && one.querySelector("form[data-files-remove]");
    dialog.off.hidden = !dialog.form;
    if (dialog.form) dialog.off.textContent = dialog.form.querySelector("button").title;
  }

  V.on("click", "a[data-view]", (event, link) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!dialog) build();
    shown = [...(link.closest("[data-pictures]") || document).querySelectorAll("a[data-view]")];
    at = shown.indexOf(link);
    step(0);
    dialog.showModal();
  });
})();

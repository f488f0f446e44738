/* The box in which one writes to a client (form data-say): the way, files, the draft; and the feed above it,
   asked for again when something was said here or came from outside. */
(function () {
  "use strict";
  const V = window.V;
  const EVERY = 5000;

  /* ── the way ── */
  V.on("change", "select[data-way]", (event, select) => {
    const form = select.form, chosen = select.selectedOptions[0];
    for (const icon of form.querySelectorAll("[data-icon-of]")) icon.hidden = icon.dataset.iconOf !== chosen.dataset.kind;
    form.querySelector("[data-subject-box]").hidden = !("subject" in chosen.dataset);
    const why = chosen.dataset.obstacle || "", told = { "[data-obstacle]": why, "[data-stranger]": chosen.dataset.stranger || "" };
    for (const [name, words] of Object.entries(told)) {
      const note = form.querySelector(name);
      note.hidden = !words;
      note.querySelector("span").textContent = words;
    }
    form.querySelector("[data-send]").disabled = Boolean(why);
  });

  /* ── files: named under the text, each with a way to take it off again ── */
  const kilobytes = (size) => new Intl.NumberFormat(V.lang, { style: "unit", unit: size < 1e6 ? "kilobyte" : "megabyte", maximumFractionDigits: size < 1e6 ? 0 : 1 }).format(size < 1e6 ? Math.max(1, size / 1000) : size / 1e6);
  function named(box) {
    const list = box.form.querySelector("[data-chosen]");
    list.replaceChildren(...[...box.files].map((file, at) => {
      const row = document.createElement("li"), words = document.createElement("span"), off = document.createElement("button");
      words.className = "el";
      words.textContent = file.name + " · " + kilobytes(file.size);
      off.type = "button";
      off.className = "btn btn-ghost btn-sm btn-icon";
      off.textContent = "×";
      off.setAttribute("aria-label", V.words.take_off.replace("{name}", file.name));
      off.onclick = () => {
        const left = new DataTransfer();
        [...box.files].forEach((one, other) => { if (other !== at) left.items.add(one); });
        box.files = left.files;
        named(box);
      };
      row.append(words, off);
      return row;
    }));
    list.hidden = !box.files.length;
  }
  V.on("change", "input[data-say-files]", (event, box) => named(box));
  V.on("paste", "form[data-say] textarea", (event, text) => {
    const came = [...(event.clipboardData ? event.clipboardData.files : [])];
    if (!came.length) return;
    event.preventDefault();
    const box = text.form.querySelector("[data-say-files]"), all = new DataTransfer();
    for (const file of [...box.files, ...came]) all.items.add(file);
    box.files = all.files;
    named(box);
  });

  /* ── the feed ── */
  const box = () => document.querySelector("form[data-say]");
  const reading = () => document.querySelector("#feed :popover-open, dialog[open], #note-menu:popover-open");
  async function again() {
    const form = box(), feed = document.getElementById("feed"), { feedOf, feedTab } = feed ? feed.dataset : {};
    /* A deal without a way to write has a feed all the same. */
    const address = (form && form.dataset.feed) || (feedOf && "/deals/" + feedOf + "/feed?feed=" + feedTab);
    if (!address || !feed || reading()) return false;
    const list = feed.matches("[data-bottom]") ? feed : feed.querySelector("[data-bottom]");
    const below = list && list.scrollHeight - list.scrollTop - list.clientHeight, top = list && list.scrollTop;
    await htmx.ajax("GET", address, { target: "#feed", swap: "outerHTML", source: feed });
    const fresh = document.getElementById("feed");
    const shown = fresh && (fresh.matches("[data-bottom]") ? fresh : fresh.querySelector("[data-bottom]"));
    if (shown) shown.scrollTop = below < 80 ? shown.scrollHeight : top;
    return true;
  }
  document.addEventListener("v:said", again);

  /* The box comes after the page and makes the feed shorter: its end stays in sight. */
  V.each("form[data-say]", () => {
    const feed = document.getElementById("feed");
    const list = feed && (feed.matches("[data-bottom]") ? feed : feed.querySelector("[data-bottom]"));
    if (list && list.scrollHeight - list.scrollTop - list.clientHeight < 320) list.scrollTop = list.scrollHeight;
  });

  let asking = false;
  async function pulse() {
    const form = box();
    if (!form || !form.dataset.pulse || document.hidden || asking) return;
    asking = true;
    try {
      const response = await fetch(form.dataset.pulse, { headers: { Accept: "application/json" } });
      if (!response.ok) return;
      const { mark, answer_due: due } = await response.json(), now = box();
      /* The timer in the head of a lead stops with the answer, also with one that left from another desk. */
      if (!due) for (const timer of document.querySelectorAll("[data-answer-due]")) timer.remove();
      if (!now || mark === now.dataset.mark) return;
      if (await again()) now.dataset.mark = mark;
    } catch { /* the network is away: the next beat will tell */ } finally { asking = false; }
  }
  setInterval(pulse, EVERY);
  document.addEventListener("visibilitychange", pulse);

  /* What was sent is no draft any more. */
  document.addEventListener("htmx:after:request", (event) => {
    const form = event.target.closest && event.target.closest("form[data-say]");
    const ctx = event.detail.ctx;
    if (form && ctx && ctx.response && ctx.response.status === 200 && V.dropDraft) V.dropDraft(form);
  });
})();

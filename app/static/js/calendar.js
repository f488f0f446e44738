/* The calendar: places out of data, drag to move and stretch, arrows on the keyboard, a click on an empty hour. */
(function () {
  "use strict";
  const V = window.V;
  const SNAP = 15, PAUSE = 700;
  let kept = null, waiting = null;
  const page = document.getElementById("calendar");
  const root = () => page.querySelector("[data-cal]");
  const pad = (n) => String(n).padStart(2, "0");

  /* ── places ── */
  V.each("[data-cal]", (cal) => {
    const grid = cal.querySelector(".c-grid");
    if (!grid) return;
    grid.style.setProperty("--c-n", grid.dataset.columns);
    const hours = Number(cal.dataset.last) - Number(cal.dataset.first);
    grid.style.setProperty("--c-hours", hours);
    /* The day begins in sight, whatever was left for the night; after that the scroll stays where it was. */
    grid.scrollTop = kept === null ? Math.max(0, ((8 - Number(cal.dataset.first)) / hours) * grid.querySelector(".c-body").clientHeight) : kept;
    grid.addEventListener("scroll", () => { kept = grid.scrollTop; }, { passive: true });
  });
  V.each("[data-cal] [data-top]", (one) => {
    const { top, high, left, wide } = one.dataset;
    one.style.top = top + "%";
    if (high) one.style.height = high + "%";
    if (left !== undefined) { one.style.left = "calc(" + left + "% + 1px)"; one.style.width = "calc(" + wide + "% - 3px)"; }
  });

  /* ── moments: strings of the reader's clock, without a zone ── */
  const parse = (text) => { const [day, time] = text.split("T"); const [h, m] = time.split(":").map(Number); return { day, minute: h * 60 + m }; };
  const written = ({ day, minute }) => day + "T" + pad(Math.floor(minute / 60)) + ":" + pad(minute % 60);
  function shiftDay(day, by) {
    const [y, m, d] = day.split("-").map(Number);
    const there = new Date(Date.UTC(y, m - 1, d + by));
    return there.toISOString().slice(0, 10);
  }
  const range = () => { const { first, last } = root().dataset; return { first: first * 60, last: last * 60, length: (last - first) * 60 }; };
  const columnOf = (day) => root().querySelector('.c-col[data-day="' + day + '"]');

  /** Draw an item where it would stand, and say so to whoever does not see it. */
  function place(item, at, minutes) {
    const { first, length } = range();
    const column = columnOf(at.day);
    if (column && column !== item.parentNode) column.append(item);
    item.style.top = (100 * (at.minute - first)) / length + "%";
    item.style.height = (100 * Math.max(minutes, 30)) / length + "%";
    item.style.left = "1px";
    item.style.width = "calc(100% - 3px)";
    const time = pad(Math.floor(at.minute / 60)) + ":" + pad(at.minute % 60);
    item.querySelector(".c-t").textContent = time;
    document.getElementById("calendar-said").textContent = at.day + " " + time + ", " + V.count("minutes", minutes);
  }

  /* One change at a time: the next one is sent with the version that the one before has made. */
  let turn = Promise.resolve(), sent = null;
  const send = (item, at, minutes) => {
    const asked = { id: item.id, at, minutes };
    sent = asked;
    turn = turn.then(() => sendNow(asked)).finally(() => { if (sent === asked) sent = null; });
    return turn;
  };
  async function sendNow({ id, at, minutes }) {
    const item = document.getElementById(id);
    if (!item) return;
    const body = new FormData();
    for (const [name, value] of Object.entries({ kind: item.dataset.item, id: item.dataset.id, at: written(at), minutes, version: item.dataset.version })) body.set(name, value);
    const focused = document.activeElement === item ? item.id : "";
    const response = await V.fetch(page.dataset.move, { method: "POST", body, headers: { "HX-Request": "true", "X-Live": "1" } });
    if (!response) return refresh(focused);
    const told = JSON.parse(response.headers.get("HX-Trigger") || "{}");
    for (const toast of (told["v:toast"] || {}).toasts || []) V.toast(toast);
    if (!response.ok && !told["v:toast"]) {
      const words = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-error-words], .v-note");
      V.toast({ kind: "bad", words: (words && words.textContent.trim()) || V.words.failed });
    }
    await refresh(focused);
  }
  async function refresh(focusId) {
    await htmx.ajax("GET", page.dataset.live + location.search, { target: page, swap: "innerHTML", source: page });
    const again = focusId && document.getElementById(focusId);
    if (again) again.focus({ preventScroll: true });
    const pending = waiting && document.getElementById(waiting.id);
    if (pending && !pending.closest(".c-cell")) place(pending, waiting.at, waiting.minutes);
  }

  /* ── the mouse ── */
  let drag = null;
  const snap = (minute) => Math.round(minute / SNAP) * SNAP;
  page.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-moves]");
    if (!item || event.button !== 0 || event.pointerType === "touch") return;
    const cell = item.closest(".c-cell");
    /* What was dropped a moment ago is on its way: it is moved on from there. */
    if (waiting) flush();
    const now = standing(item);
    drag = {
      item, cell, stretch: Boolean(event.target.closest("[data-grip]")), x: event.clientX, y: event.clientY,
      from: now.at, at: now.at, was: now.minutes, minutes: now.minutes, live: false,
    };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.live && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 5) return;
    drag.live = true;
    /* The grid may have been drawn anew under the mouse. */
    if (!drag.item.isConnected) drag.item = document.getElementById(drag.item.id);
    if (!drag.item) { drag = null; return; }
    drag.item.classList.add("moving");
    event.preventDefault();
    if (drag.cell) return overCell(event);
    const { first, last, length } = range();
    const column = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.matches(".c-col")) || columnOf(drag.at.day);
    const by = snap(((event.clientY - drag.y) / column.clientHeight) * length);
    if (drag.stretch) drag.minutes = Math.max(SNAP, Math.min(drag.was + by, last - drag.from.minute));
    else drag.at = { day: column.dataset.day, minute: Math.max(first, Math.min(snap(drag.from.minute) + by, last - SNAP)) };
    place(drag.item, drag.stretch ? drag.from : drag.at, drag.minutes);
  });
  function overCell(event) {
    const cell = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.matches(".c-cell"));
    for (const one of root().querySelectorAll(".c-cell")) one.classList.toggle("over", one === cell);
    if (cell) drag.at = { day: cell.dataset.day, minute: drag.from.minute };
  }
  let dragged = 0;
  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const { item, at, from, minutes, was, live } = drag;
    drag = null;
    if (!live) return;
    dragged = Date.now();
    item.classList.remove("moving");
    if (written(at) !== written(from) || minutes !== was) send(item, at, minutes); else refresh("");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag) { drag = null; refresh(""); }
  });
  /* The click that ends a drag opens nothing. */
  page.addEventListener("click", (event) => {
    if (Date.now() - dragged < 300 && event.target.closest(".c-item")) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  /* ── an empty hour ── */
  page.addEventListener("click", (event) => {
    const column = event.target.closest(".c-col[data-adds]");
    if (!column || event.target.closest(".c-item, .c-plus") || Date.now() - dragged < 300) return;
    const { first, length } = range();
    const box = column.getBoundingClientRect();
    const minute = first + Math.floor(((event.clientY - box.top) / box.height) * length / 30) * 30;
    const [y, m, d] = column.dataset.day.split("-");
    const address = page.dataset.ask + "?due_on=" + d + "." + m + "." + y + "&due_time=" + pad(Math.floor(minute / 60)) + ":" + pad(minute % 60);
    htmx.ajax("GET", address, { target: "#window", swap: "innerHTML" });
  });

  /* ── the keyboard: arrows move, Shift with arrows stretches; it is sent after a pause ── */
  function flush() {
    if (!waiting) return;
    const { id, at, minutes, timer } = waiting;
    clearTimeout(timer);
    waiting = null;
    const item = document.getElementById(id);
    if (item) send(item, at, minutes);
  }
  function standing(item) {
    if (waiting && waiting.id === item.id) return waiting;
    if (sent && sent.id === item.id) return { ...sent };
    return { id: item.id, at: parse(item.dataset.at), minutes: Number(item.dataset.minutes) };
  }
  page.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-moves]");
    const steps = { ArrowUp: [0, -SNAP], ArrowDown: [0, SNAP], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.code];
    if (!item || !steps || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (waiting && waiting.id !== item.id) flush();
    const now = standing(item);
    clearTimeout(now.timer);
    if (item.closest(".c-cell")) now.at = { day: shiftDay(now.at.day, steps[0] || (steps[1] > 0 ? 7 : -7)), minute: now.at.minute };
    else if (event.shiftKey) now.minutes = Math.max(SNAP, now.minutes + steps[1]);
    else now.at = { day: shiftDay(now.at.day, steps[0]), minute: Math.max(0, Math.min(now.at.minute + steps[1], 1440 - SNAP)) };
    if (!item.closest(".c-cell")) { place(item, now.at, now.minutes); item.focus({ preventScroll: true }); }
    waiting = { ...now, timer: setTimeout(flush, PAUSE) };
  });
  page.addEventListener("keydown", (event) => { if (event.key === "Enter" && waiting) { event.preventDefault(); event.stopPropagation(); flush(); } }, true);
})();

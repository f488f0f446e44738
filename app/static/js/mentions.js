/* @: colleagues to name in a note, chosen by the keyboard. data-mentions on a form is the address that finds them. */
(function () {
  "use strict";
  const V = window.V;
  const BEGUN = /(^|[\s(])@([\p{L}\p{N}_.-]*(?: [\p{L}\p{N}_.-]*)?)$/u;
  let open = null; /* {box, from, items, at} */

  const menu = () => {
    let made = document.getElementById("mentions");
    if (!made) {
      made = document.createElement("div");
      made.id = "mentions";
      made.className = "v-pop v-menu t-mentions";
      made.popover = "manual";
      made.setAttribute("role", "listbox");
      document.body.append(made);
    }
    return made;
  };
  function close() {
    open = null;
    const list = document.getElementById("mentions");
    if (list && list.matches(":popover-open")) list.hidePopover();
  }
  function mark(at) {
    open.at = (at + open.items.length) % open.items.length;
    [...menu().children].forEach((item, n) => { item.classList.toggle("on", n === open.at); item.setAttribute("aria-selected", String(n === open.at)); });
    open.box.setAttribute("aria-activedescendant", "mention-" + open.at);
  }
  function draw(box, from, items) {
    if (!items.length) return close();
    const list = menu();
    list.replaceChildren(...items.map((item, n) => {
      const line = document.createElement("div");
      line.className = "v-mi";
      line.id = "mention-" + n;
      line.setAttribute("role", "option");
      const [name, note] = [document.createElement("span"), document.createElement("span")];
      name.textContent = item.text;
      note.className = "push s12 mut3";
      note.textContent = item.note;
      line.append(name, note);
      line.addEventListener("mousedown", (event) => { event.preventDefault(); choose(n); });
      return line;
    }));
    open = { box, from, items, at: 0 };
    if (!list.matches(":popover-open")) list.showPopover();
    const near = box.getBoundingClientRect(), size = list.getBoundingClientRect();
    list.style.setProperty("left", Math.min(near.left, window.innerWidth - size.width - 8) + "px");
    list.style.setProperty("top", Math.max(8, near.top - size.height - 6) + "px");
    mark(0);
  }
  function choose(at) {
    const { box, from, items } = open;
    box.setRangeText("@" + items[at].text + " ", from, box.selectionStart, "end");
    close();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  V.each("form[data-mentions] textarea", (box) => {
    let asked = null, timer = 0;
    const address = box.form.dataset.mentions;
    async function look() {
      const match = box.value.slice(0, box.selectionStart).match(BEGUN);
      if (!match) return close();
      if (asked) asked.abort();
      asked = new AbortController();
      const from = box.selectionStart - match[2].length - 1;
      const response = await V.fetch(address + "?q=" + encodeURIComponent(match[2]), { signal: asked.signal });
      const answer = response && response.ok ? await response.json().catch(() => null) : null;
      if (!answer || document.activeElement !== box) return;
      const found = answer.results;
      /* A whole name has been chosen already. */
      if (found.length === 1 && found[0].text === match[2].trim()) return close();
      draw(box, from, found);
    }
    box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 150); });
    box.addEventListener("blur", () => setTimeout(close, 100));
    box.addEventListener("keydown", (event) => {
      if (!open || open.box !== box || event.ctrlKey || event.metaKey) return;
      if (event.code === "ArrowDown") mark(open.at + 1);
      else if (event.code === "ArrowUp") mark(open.at - 1);
      else if (["Enter", "NumpadEnter", "Tab"].includes(event.code)) choose(open.at);
      else if (event.code === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }, true);
  });
})();

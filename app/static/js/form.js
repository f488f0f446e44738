/* The form on the company's site: tells the page around it how high it is, writes phones in one way, sends once.
   Without this script the form works as it is. */
(function () {
  "use strict";
  const form = document.getElementById("request");
  const sheet = document.querySelector(".q");

  if (window.parent !== window) {
    const tell = () => window.parent.postMessage({ voronka: Math.ceil(sheet.getBoundingClientRect().height) }, "*");
    new ResizeObserver(tell).observe(sheet);
    tell();
  }

  if (form) {
    form.addEventListener("submit", (event) => {
      const button = form.querySelector("button.btn");
      if (button.getAttribute("aria-busy") === "true") event.preventDefault();
      button.setAttribute("aria-busy", "true");
    });
    // Back from the thank-you page the form may be sent anew.
    window.addEventListener("pageshow", () => form.querySelector("button.btn").removeAttribute("aria-busy"));
    form.addEventListener("input", (event) => {
      const row = event.target.closest(".err");
      if (row) row.classList.remove("err");
    });
    const phone = form.querySelector("input[type=tel]");
    if (phone) phone.addEventListener("change", () => { phone.value = written(phone.value); });
    const wrong = form.querySelector(".err input, .err textarea");
    if (wrong) wrong.focus();
  }

  /* 8 900 000 12 34 and 9000001234 are +7 900 000-12-34; anything else stays as it was typed. */
  function written(text) {
    const digits = text.replace(/\D/g, "");
    const ten = /^[78]\d{10}$/.test(digits) ? digits.slice(1) : /^9\d{9}$/.test(digits) ? digits : "";
    if (!ten || (text.trim().startsWith("+") && !digits.startsWith("7"))) return text;
    return `+7 ${ten.slice(0, 3)} ${ten.slice(3, 6)}-${ten.slice(6, 8)}-${ten.slice(8)}`;
  }

  /* The number of the request is there a moment after it was sent: ask a few times, then leave it. */
  const done = document.querySelector("[data-state]");
  if (done) {
    let left = 6;
    const ask = async () => {
      left -= 1;
      const answer = await fetch(done.dataset.state).catch(() => null);
      if (answer && answer.ok && (await answer.json()).ready) window.location.reload();
      else if (left) window.setTimeout(ask, 1200);
    };
    window.setTimeout(ask, 700);
  }
})();

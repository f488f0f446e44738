/* Leads out of a file: a table that is dropped into the box is chosen; a chosen one is sent at once. */
(function () {
  "use strict";
  const V = window.V;
  V.each("[data-drop]", (form) => {
    const box = form.querySelector("input[type=file]");
    const over = (on) => form.classList.toggle("over", on);
    form.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
    form.addEventListener("dragleave", () => over(false));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (!event.dataTransfer.files.length) return;
      box.files = event.dataTransfer.files;
      form.requestSubmit();
    });
    box.addEventListener("change", () => { if (box.files.length) form.requestSubmit(); });
  });
})();

/* "What next?": the button that adds the next task is alive when it is said what is to be done. */
(function () {
  "use strict";
  const V = window.V;
  V.each("[data-needs]", (button) => {
    const box = document.getElementById(button.dataset.needs);
    const look = () => { button.disabled = !box.value.trim(); };
    box.addEventListener("input", look);
    look();
  });
})();

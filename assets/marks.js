// Keys down a class of radios, in a form that is sent by its button.
(function () {
  "use strict";
  const form = document.querySelector("form[data-marks]");
  if (!form) return;
  const rows = [...form.querySelectorAll("tbody tr")];
  const radios = (row) => [...row.querySelectorAll("input[type=radio]")];
  form.querySelector(".keys-hint").hidden = false;

  function go(row, by) {
    const next = rows[rows.indexOf(row) + by];
    if (next) (radios(next).find((one) => one.checked) || radios(next)[0]).focus();
  }

  form.addEventListener("keydown", (event) => {
    const row = event.target.closest("tbody tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const radio = radios(row).find((one) => one.dataset.key && "Key" + one.dataset.key === event.code);
    if (radio) {
      radio.checked = true;
      go(row, 1);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      go(row, event.key === "ArrowDown" ? 1 : -1);
    } else {
      return;
    }
    event.preventDefault();
  });
})();

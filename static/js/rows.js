// Adds a row to a list in place. Without this, the same button asks the server for a page with one more row.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-row]");
  if (!button) return;
  const name = button.dataset.addRow;
  const total = button.form.elements[`${name}-TOTAL_FORMS`];
  const most = button.form.elements[`${name}-MAX_NUM_FORMS`];
  if (Number(total.value) >= Number(most.value)) return;
  event.preventDefault();
  const part = document.querySelector(`template[data-row-of="${name}"]`).content.cloneNode(true);
  const number = total.value;
  for (const element of part.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      attribute.value = attribute.value.replaceAll("__prefix__", number);
    }
  }
  total.value = Number(number) + 1;
  const row = part.firstElementChild;
  row.setAttribute("aria-label", `${row.getAttribute("aria-label").trim()} ${total.value}`);
  document.querySelector(`[data-rows="${name}"]`).append(part);
  row.querySelector("input:not([type=hidden])").focus();
});

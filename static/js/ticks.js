// Ticks all rows of a list at once, and says how many are ticked. Without this, one ticks row by row.

const boxesOf = (group) => [...group.querySelectorAll("input[type=checkbox][name]")];

function show(group) {
  const boxes = boxesOf(group);
  const number = boxes.filter((box) => box.checked).length;
  for (const all of group.querySelectorAll("[data-tick-all]")) {
    all.checked = number === boxes.length;
    all.indeterminate = number > 0 && number < boxes.length;
    if (boxes.length) all.closest("[hidden]")?.removeAttribute("hidden");
  }
  for (const told of group.querySelectorAll("[data-ticked]")) told.textContent = `${number} / ${boxes.length}`;
  for (const bar of group.querySelectorAll("[data-tick-bar]")) bar.hidden = number === 0;
}

const showAll = (root) => root.querySelectorAll?.("[data-ticks]").forEach(show);

document.addEventListener("change", (event) => {
  const group = event.target.closest("[data-ticks]");
  if (!group) return;
  if (event.target.matches("[data-tick-all]")) {
    for (const box of boxesOf(group)) box.checked = event.target.checked;
  }
  show(group);
});
document.addEventListener("htmx:afterSwap", () => showAll(document));
window.addEventListener("pageshow", () => showAll(document)); // going back keeps what was ticked
showAll(document);

// <details class="menu">: closes on Escape, on a press outside, and when another one opens. Dismissible messages.

const openMenus = () => document.querySelectorAll("details.menu[open]");

function closeMenus(except) {
  for (const menu of openMenus()) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
  if (event.target.closest("[data-dismiss]")) event.target.closest(".alert").remove();
  if (event.target.closest("[data-theme-choice]")) closeMenus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement.closest("details.menu[open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.menu")));

for (const button of document.querySelectorAll("[data-dismiss]")) button.hidden = false;

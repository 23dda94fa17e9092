// "/" goes to the search box, from anywhere but a field one writes in, in the administration site to that of the list.
// Who needs the key otherwise switches it off on the search page.

const BOXES = "[data-search-box], #searchbar";

function isOff() {
  try {
    return localStorage.getItem("search-key") === "off";
  } catch {
    return false;
  }
}

function keep(choice) {
  try {
    localStorage.setItem("search-key", choice);
  } catch {
    // no storage: the choice holds for this page
  }
}

const isWriting = (target) => target.closest?.("input, textarea, select, [contenteditable]");
const isVisible = (box) => box.offsetParent !== null;

function mark() {
  document.body.classList.toggle("no-search-key", isOff());
  for (const box of document.querySelectorAll(BOXES)) {
    if (isOff()) box.removeAttribute("aria-keyshortcuts");
    else box.setAttribute("aria-keyshortcuts", "/");
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isOff() || isWriting(event.target) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  const box = [...document.querySelectorAll(BOXES)].filter(isVisible).pop(); // the page's own comes last
  if (!box) {
    document.querySelector(".header-search-link")?.click();
    return;
  }
  box.focus();
  box.select();
});

mark();
const choice = document.querySelector("[data-search-key-choice]");
if (choice) {
  const tick = choice.querySelector("input");
  tick.checked = !isOff();
  tick.addEventListener("change", () => {
    keep(tick.checked ? "on" : "off");
    mark();
  });
  choice.hidden = false;
}

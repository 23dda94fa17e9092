// Asks before a page is left on which something was typed and not saved: <form data-keep>.

let unsaved = false;

document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-keep]")) unsaved = true;
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-keep]")) unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

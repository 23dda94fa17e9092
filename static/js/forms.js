// A second press does nothing twice; errors are brought to the reader; filters that say so apply themselves.

const LONGEST_WAIT = 15000;

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[data-held]")) {
    button.disabled = false;
    delete button.dataset.held;
  }
}

function hold(form) {
  for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) {
    if (button.disabled) continue;
    button.disabled = true;
    button.dataset.held = "";
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // After the browser has collected the form: a disabled button would not be sent along.
  setTimeout(() => hold(form));
  setTimeout(() => release(form), LONGEST_WAIT);
});

// Coming back by the browser's back button finds a page whose form may be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) release(form);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-apply]");
  if (form) form.requestSubmit();
});

// On a new page the summary has autofocus; what comes in by htmx has to be brought to the reader.
document.addEventListener("htmx:afterSwap", (event) => (event.detail.target || document).querySelector(".error-summary")?.focus());

// <a href="…" data-dialog>: opens the target's content in a dialog. Whatever goes wrong, the link leads there itself.

function partOf(text, url) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const content = page.querySelector("[data-dialog-part]") || page.querySelector(".page-content");
  if (!content) return null;
  for (const form of content.querySelectorAll("form:not([action])")) form.setAttribute("action", url);
  return { title: page.querySelector("h1")?.textContent.trim() || "", content };
}

async function fetched(url) {
  const answer = await fetch(url, { headers: { "X-Requested-With": "dialog" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return null;
  return partOf(await answer.text(), url);
}

function show({ title, content }, opener) {
  const frame = document.getElementById("dialog-frame").content.cloneNode(true);
  const dialog = frame.querySelector("dialog");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".dialog-body").replaceChildren(...content.childNodes);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.showModal();
  window.htmx?.process(dialog);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (!window.HTMLDialogElement) return;
  event.preventDefault();
  link.setAttribute("aria-busy", "true");
  try {
    const part = await fetched(link.href);
    if (part) show(part, link);
    else location.assign(link.href);
  } catch {
    location.assign(link.href);
  } finally {
    link.removeAttribute("aria-busy");
  }
});

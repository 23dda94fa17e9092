// Keeps where one was in a list: the way back in a breadcrumb leads to the same filters, order and page.
// Without this, the browser's own way back does. Forgotten where nobody is signed in, and with the tab.

const KEPT = "lists";

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) || {};
  } catch {
    return {};
  }
}

function remember() {
  try {
    if (!document.querySelector(".account-menu")) {
      sessionStorage.removeItem(KEPT);
    } else if (document.querySelector(".count-row, .empty")) {
      sessionStorage.setItem(KEPT, JSON.stringify({ ...kept(), [location.pathname]: location.search }));
    }
  } catch {
    // no storage: the link leads to the whole list
  }
}

function lead() {
  const known = kept();
  for (const link of document.querySelectorAll(".breadcrumbs a[href], a[data-list]")) {
    if (!link.search && known[link.pathname]) link.search = known[link.pathname];
  }
}

remember();
lead();
document.addEventListener("htmx:pushedIntoHistory", remember);

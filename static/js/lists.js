// The way back in a breadcrumb leads to the list as one has just left it: same filters, order and page.
// The browser says where one comes from; nothing is kept anywhere. Without this, its own way back does.

function cameFrom() {
  try {
    const before = new URL(document.referrer);
    return before.origin === location.origin ? before : null;
  } catch {
    return null;
  }
}

const before = cameFrom();
if (before?.search) {
  for (const link of document.querySelectorAll(".breadcrumbs a[href]")) {
    if (!link.search && link.pathname === before.pathname) link.search = before.search;
  }
}

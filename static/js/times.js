// Times are the hospital's. Where the reader's clock differs at that moment, its zone is named beside them.

const zone = document.documentElement.dataset.zone;

function wall(at, timeZone) {
  return new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short", timeStyle: "short" }).format(at);
}

function nameOf(at) {
  const parts = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, timeZoneName: "short" });
  return parts.formatToParts(at).find((part) => part.type === "timeZoneName")?.value || zone;
}

function nameZone(root) {
  if (!zone) return;
  for (const time of root.querySelectorAll("time[data-instant]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime()) || wall(at, zone) === wall(at, undefined)) continue;
    time.append(` ${nameOf(at)}`);
    time.removeAttribute("data-instant");
  }
}

nameZone(document);
document.addEventListener("htmx:afterSwap", (event) => nameZone(event.detail.target || document));

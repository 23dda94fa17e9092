// htmx: a failed request says so and offers again; what arrives is announced and focus stays where it was.

const noticeOf = () => document.querySelector("#messages .request-failed");

function again(detail) {
  const config = detail.requestConfig;
  return () => {
    noticeOf()?.remove();
    window.htmx.ajax(config.verb.toUpperCase(), config.path, {
      source: config.elt,
      target: detail.target || config.target,
      values: config.parameters,
    });
  };
}

function failed(event) {
  noticeOf()?.remove();
  const part = document.getElementById("request-failed").content.cloneNode(true);
  part.querySelector("[data-again]").addEventListener("click", again(event.detail));
  const place = document.getElementById("messages");
  place.append(part);
  place.scrollIntoView({ block: "nearest" });
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout", "htmx:swapError"]) {
  document.addEventListener(name, failed);
}

document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => {
  event.detail.target?.removeAttribute("aria-busy");
  if (event.detail.successful) noticeOf()?.remove();
});

// What a page asks by itself (every 60 s, or when it appears) is no activity: it must not keep anybody signed in.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.triggeringEvent) event.detail.headers["X-Unattended"] = "1";
});

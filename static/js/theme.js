// Sets light or dark before the first paint, so this one script is not deferred. The choice stays in this browser.
(function () {
  "use strict";
  var device = window.matchMedia("(prefers-color-scheme: dark)");
  var paper = window.matchMedia("print");

  function stored() {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch (_) {
      return "auto";
    }
  }

  function apply() {
    var choice = stored();
    var dark = !paper.matches && (choice === "dark" || (choice === "auto" && device.matches));
    document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
    document.querySelectorAll("[data-theme-choice]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    });
  }

  function choose(choice) {
    try {
      localStorage.setItem("theme", choice);
    } catch (_) {
      document.documentElement.dataset.bsTheme = choice === "dark" ? "dark" : "light";
      return;
    }
    apply();
  }

  apply();
  if (device.addEventListener) {
    device.addEventListener("change", apply);
    paper.addEventListener("change", apply);
  }
  window.addEventListener("beforeprint", function () {
    document.documentElement.dataset.bsTheme = "light";
  });
  window.addEventListener("afterprint", apply);
  document.addEventListener("DOMContentLoaded", function () {
    apply();
    document.querySelectorAll(".theme-menu").forEach(function (menu) {
      menu.hidden = false;
    });
  });
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-theme-choice]");
    if (button) {
      choose(button.dataset.themeChoice);
    }
  });
})();

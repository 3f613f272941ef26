// Before the first paint: the reader's own choice of light or dark, where there is one.
(function () {
  "use strict";
  try {
    var chosen = localStorage.getItem("theme");
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  } catch (error) { /* storage may be forbidden; the system's choice then stands */ }
  document.documentElement.classList.add("js");
})();

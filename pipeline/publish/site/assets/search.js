// Where search cannot work, say so.
(function () {
  "use strict";
  if (location.protocol === "file:") document.getElementById("needs-server").hidden = false;
})();

// What a page does beyond being read: light and dark, traces that open in place, tabs. Every page works without it.
(function () {
  "use strict";

  // ---- light and dark

  function shownTheme() {
    var chosen = document.documentElement.dataset.theme;
    return chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  function themeButton(button) {
    function name() {
      button.textContent = shownTheme() === "dark" ? "밝게" : "어둡게";
      button.setAttribute("aria-label", shownTheme() === "dark" ? "밝은 화면으로 바꾸기" : "어두운 화면으로 바꾸기");
    }
    button.addEventListener("click", function () {
      document.documentElement.dataset.theme = shownTheme() === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", document.documentElement.dataset.theme); } catch (error) { /* not remembered */ }
      name();
    });
    name();
    button.hidden = false;
  }

  // ---- traces

  var opened = 0;

  function trace(sentence) {
    var box = document.createElement("span");
    box.className = "trace";
    box.id = "trace-" + (++opened);
    sentence.dataset.sources.trim().split(" ").forEach(function (id) {
      var source = document.getElementById(id), copy = document.createElement("span");
      copy.className = "source";
      source.childNodes.forEach(function (node) { copy.appendChild(node.cloneNode(true)); });
      box.appendChild(copy);
    });
    return box;
  }

  function sentenceButton(sentence) {
    var box = null;
    function toggle(event) {
      event.preventDefault();
      if (!box) {
        box = trace(sentence);
        box.hidden = true;
        sentence.after(box);
        sentence.setAttribute("aria-controls", box.id);
      }
      box.hidden = !box.hidden;
      sentence.setAttribute("aria-expanded", String(!box.hidden));
    }
    sentence.setAttribute("role", "button");
    sentence.setAttribute("aria-expanded", "false");
    sentence.addEventListener("click", toggle);
    sentence.addEventListener("keydown", function (event) {
      if (event.key === " ") toggle(event);
      if (event.key === "Escape" && box && !box.hidden) toggle(event);
    });
  }

  // ---- tabs: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/

  function tabs(group) {
    var panels = Array.from(group.querySelectorAll(":scope > .tab"));
    if (panels.length < 2) return;
    var list = document.createElement("div");
    list.className = "tablist";
    list.setAttribute("role", "tablist");
    var buttons = panels.map(function (panel) {
      var button = document.createElement("button"), label = panel.querySelector("h2");
      button.type = "button";
      button.id = panel.id + "-tab";
      button.textContent = label.textContent;
      button.setAttribute("role", "tab");
      button.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", button.id);
      label.hidden = true;
      list.appendChild(button);
      return button;
    });
    function show(chosen) {
      buttons.forEach(function (button, index) {
        button.setAttribute("aria-selected", String(index === chosen));
        button.tabIndex = index === chosen ? 0 : -1;
        panels[index].hidden = index !== chosen;
      });
    }
    function showPlace() {
      var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      var chosen = target ? panels.findIndex(function (panel) { return panel.contains(target); }) : -1;
      if (chosen >= 0) show(chosen);
    }
    list.addEventListener("click", function (event) {
      var chosen = buttons.indexOf(event.target);
      if (chosen >= 0) show(chosen);
    });
    list.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      var next = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
      show(next);
      buttons[next].focus();
    });
    group.prepend(list);
    show(0);
    showPlace();
    addEventListener("hashchange", showPlace);
  }

  // ---- pictures that do not come leave the drawn placeholder

  function picture(image) {
    function drop() { image.remove(); }
    if (image.complete && !image.naturalWidth) drop();
    image.addEventListener("error", drop);
  }

  document.querySelectorAll(".theme").forEach(themeButton);
  document.querySelectorAll(".sentence").forEach(sentenceButton);
  document.querySelectorAll(".tabs").forEach(tabs);
  document.querySelectorAll(".picture img").forEach(picture);
})();

// The keyboard: letters act by their place on it, so that they work while Hangul is typed; the help names them all.
(function () {
  "use strict";

  var KEYS = [
    ["j", "다음 논문으로"], ["k", "이전 논문으로"], ["o", "논문 접기·펼치기, 목록에서는 열기"], ["Enter", "선택한 논문의 쪽 열기"],
    ["m", "읽음으로 표시하거나 되돌리기"], ["s", "저장하거나 저장 취소"], ["/", "검색"], ["?", "이 도움말"],
  ];
  var OFF = "digest.keys-off";
  var off = false, dialog = null;
  try { off = localStorage.getItem(OFF) === "true"; } catch (error) { /* then they are on */ }

  // ---- papers

  function items() {
    var found = Array.from(document.querySelectorAll(".card, .papers li, .results > li"));
    return found.filter(function (item) { return item.offsetParent && (item.querySelector("a") || item.matches(".card")); });
  }

  function handle(item) {
    var link = item.querySelector("h2 a, :scope > a");
    if (!link) item.tabIndex = -1;
    return link || item;
  }

  function current() { return document.activeElement.closest(".card, .papers li, .results > li, .paper") || document.querySelector(".paper"); }

  function move(step) {
    var all = items(), place = all.indexOf(current());
    if (place < 0) place = all.findIndex(function (item) { return item.getBoundingClientRect().top > -1; }) - (step > 0 ? 1 : 0);
    var next = all[Math.min(Math.max(place + step, 0), all.length - 1)];
    if (!next) return;
    handle(next).focus({ preventScroll: true });
    next.scrollIntoView({ block: next.matches(".card") ? "start" : "nearest" });
  }

  function press(selector) {
    var here = current(), button = here && here.querySelector(selector);
    if (button) button.click();
  }

  function open() { press(".fold, :scope > a"); }

  function search() {
    var box = document.getElementById("q");
    if (box) box.focus(); else location.href = document.body.dataset.root + "search/index.html#q";
  }

  // ---- help: the browser keeps the focus inside an open modal dialog and gives it back
  // https://html.spec.whatwg.org/multipage/interactive-elements.html#dom-dialog-showmodal

  function make(name, text) {
    var element = document.createElement(name);
    if (text) element.textContent = text;
    return element;
  }

  function helpDialog() {
    var box = make("dialog"), list = make("dl"), heading = make("h2", "단축키"), label = make("label"), on = make("input");
    var form = make("form"), close = make("button", "닫기");
    KEYS.forEach(function (key) {
      var row = make("div"), term = make("dt"), name = make("kbd", key[0]);
      term.append(name);
      row.append(term, make("dd", key[1]));
      list.append(row);
    });
    heading.id = "help-heading";
    box.className = "help";
    box.setAttribute("aria-labelledby", heading.id);
    on.type = "checkbox";
    on.checked = !off;
    on.addEventListener("change", function () {
      off = !on.checked;
      try { localStorage.setItem(OFF, String(off)); } catch (error) { /* until the page is left */ }
    });
    label.append(on, " 단축키 사용");
    form.method = "dialog";
    form.append(close);
    box.append(heading, list, label, form);
    document.body.append(box);
    return box;
  }

  function help() {
    dialog = dialog || helpDialog();
    dialog.showModal();
  }

  var ACTIONS = {
    KeyJ: function () { move(1); }, KeyK: function () { move(-1); }, KeyO: open, Slash: search,
    KeyM: function () { press(".mark-read"); }, KeyS: function () { press(".mark-saved"); },
  };

  addEventListener("keydown", function (event) {
    var typing = event.target.closest("input, select, textarea, dialog");
    if (off || typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    var action = event.key === "?" ? help : event.key === "/" ? search : event.shiftKey ? null : ACTIONS[event.code];
    if (!action) return;
    event.preventDefault();
    action();
  });

  document.querySelectorAll(".keys").forEach(function (button) { button.addEventListener("click", help); });
})();

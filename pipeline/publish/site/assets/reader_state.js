// The reader's state in this browser: papers read and saved, the last visit, how a day is filtered. Nothing is sent.
(function () {
  "use strict";

  // ---- storage: localStorage, or a variable of this page while localStorage is blocked

  var PREFIX = "digest.", VISIT_MS = 30 * 60 * 1000, MAX_READ = 5000;
  var fallback = {};

  function load(key, initial) {
    try {
      var stored = localStorage.getItem(PREFIX + key);
      return stored ? JSON.parse(stored) : initial;
    } catch (error) {
      return fallback[key] || initial;
    }
  }

  function store(key, value) {
    fallback[key] = value;
    try { localStorage.setItem(PREFIX + key, JSON.stringify(value)); } catch (error) { /* `fallback` has it */ }
  }

  // Other sites may share this origin's storage: validate what is read from it.
  function readIds() {
    var ids = load("read", []);
    return new Set(Array.isArray(ids) ? ids.map(String) : []);
  }

  function savedPapers() {
    var papers = load("saved", []);
    return Array.isArray(papers) ? papers.filter(function (one) { return one && /^[\w.\/-]+$/.test(one.id) && !/\.\./.test(one.id); }) : [];
  }

  function setRead(id, on) {
    var ids = readIds();
    ids.delete(id);
    if (on) ids.add(id);
    store("read", Array.from(ids).slice(-MAX_READ));
  }

  function setSaved(id, title, on) {
    var others = savedPapers().filter(function (one) { return one.id !== id; });
    store("saved", on ? others.concat({ id: id, title: title }) : others);
  }

  // ---- marks: a paper is read, saved, folded

  var root = document.body.dataset.root;

  function titleOf(paper) { return paper.querySelector("h1, h2").textContent; }

  function fold(card, folded) {
    var button = card.querySelector(".fold");
    card.classList.toggle("folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
    button.firstChild.data = folded ? "펼치기" : "접기";
    button.setAttribute("aria-label", button.firstChild.data + ": " + titleOf(card));
  }

  function showState(paper, read, saved) {
    var id = paper.dataset.paper;
    paper.classList.toggle("read", read.has(id));
    setPressed(paper, ".mark-read", read.has(id));
    setPressed(paper, ".mark-saved", saved.has(id));
  }

  function setPressed(paper, button, on) {
    var found = paper.querySelector(button);
    if (found) found.setAttribute("aria-pressed", String(on));
  }

  function refresh() {
    var read = readIds(), saved = new Set(savedPapers().map(function (one) { return one.id; }));
    document.querySelectorAll("[data-paper]").forEach(function (paper) { showState(paper, read, saved); });
    document.querySelectorAll(".papers li").forEach(function (row) {
      row.classList.toggle("read", read.has(idOf(row.querySelector("a"))));
    });
    listSaved();
  }

  function idOf(link) {
    var found = link && /paper\/(.+)\/index\.html$/.exec(link.getAttribute("href"));
    return found ? decodeURIComponent(found[1]) : "";
  }

  function bindMarks(paper) {
    var id = paper.dataset.paper, title = titleOf(paper);
    paper.querySelectorAll(".marks button").forEach(function (button) {
      button.setAttribute("aria-label", button.textContent + ": " + title);
      button.addEventListener("click", function () {
        if (button.matches(".fold")) return fold(paper, !paper.classList.contains("folded"));
        var on = button.getAttribute("aria-pressed") !== "true";
        if (button.matches(".mark-read")) setRead(id, on); else setSaved(id, title, on);
        refresh();
        if (button.matches(".mark-read") && paper.matches(".card")) fold(paper, on);
      });
    });
  }

  // ---- a day: filtered by field, unread or saved, and sorted by votes

  function bindDay(form) {
    var cards = Array.from(document.querySelectorAll(".card"));
    var places = Array.from(document.querySelectorAll(".contents li"));
    var chosen = load("day", {}) || {};
    form.querySelectorAll("select").forEach(function (input) {
      if (Array.from(input.options).some(function (option) { return option.value === chosen[input.name]; })) input.value = chosen[input.name];
    });
    function value(name) { return form.elements[name] ? form.elements[name].value : ""; }
    function fits(card) {
      return (!value("field") || card.dataset.fields.split("|").includes(value("field"))) &&
        (value("show") !== "unread" || !card.classList.contains("read")) &&
        (value("show") !== "saved" || card.querySelector('.mark-saved[aria-pressed="true"]'));
    }
    function apply() {
      var order = cards.map(function (card, place) { return place; });
      if (value("order")) order.sort(function (one, other) { return cards[other].dataset.votes - cards[one].dataset.votes || one - other; });
      var shown = 0;
      order.forEach(function (place) {
        cards[place].hidden = !fits(cards[place]);
        cards[place].parentNode.append(cards[place]);
        if (places[place]) {
          places[place].hidden = cards[place].hidden;
          places[place].parentNode.append(places[place]);
        }
        shown += !cards[place].hidden;
      });
      form.querySelector("output").textContent = shown === cards.length ? "" :
        shown ? cards.length + "편 가운데 " + shown + "편" : "조건에 맞는 논문이 없습니다.";
    }
    form.addEventListener("change", function () {
      store("day", { field: value("field"), show: value("show"), order: value("order") });
      apply();
    });
    apply();
  }

  // ---- visits: a visit ends after VISIT_MS without a page view

  function recordVisit() {
    var now = Date.now(), newest = (document.querySelector("[data-newest]") || { dataset: {} }).dataset.newest || "";
    var last = Object.assign({ since: "", newest: "", at: now }, load("visit", {}));
    if (now - last.at > VISIT_MS) last.since = last.newest;
    if (newest > last.newest) last.newest = newest;
    last.at = now;
    store("visit", last);
    return String(last.since);
  }

  function formatDate(date) {
    var parts = date.split("-").map(Number);
    return parts[1] + "월 " + parts[2] + "일";
  }

  function showMissed(link, since) {
    if (!since || since >= document.querySelector("[data-newest]").dataset.newest) return;
    link.textContent = "지난 방문 이후(" + formatDate(since) + " 다음)에 실린 논문 보기";
    link.hidden = false;
  }

  function bindRecent(form, since) {
    var select = form.elements.show, days = Array.from(document.querySelectorAll("section[data-date]"));
    function apply() {
      var shown = 0;
      days.forEach(function (section) {
        var rows = Array.from(section.querySelectorAll(".papers li"));
        rows.forEach(function (row) {
          row.hidden = select.value === "unread" && row.classList.contains("read") || select.value === "since" && section.dataset.date <= since;
          shown += !row.hidden;
        });
        section.hidden = rows.every(function (row) { return row.hidden; });
      });
      form.querySelector("output").textContent = shown ? "논문 " + shown + "편" :
        select.value === "since" ? "지난 방문 이후에 새로 실린 논문이 없습니다." : "조건에 맞는 논문이 없습니다.";
    }
    if (!since) select.querySelector('[value="since"]').disabled = true;
    else if (location.hash === "#since") select.value = "since";
    select.addEventListener("change", apply);
    apply();
  }

  function listSaved() {
    var section = document.getElementById("saved");
    if (!section) return;
    var papers = savedPapers().reverse();
    section.querySelector("ul").replaceChildren.apply(section.querySelector("ul"), papers.map(function (paper) {
      var row = document.createElement("li"), link = document.createElement("a"), button = document.createElement("button");
      link.href = root + "paper/" + paper.id + "/index.html";
      link.textContent = String(paper.title);
      button.type = "button";
      button.className = "plain";
      button.textContent = "저장 취소";
      button.setAttribute("aria-label", "저장 취소: " + link.textContent);
      button.addEventListener("click", function () {
        setSaved(paper.id, "", false);
        refresh();
        section.querySelector("h2").focus();
      });
      row.append(link, " ", button);
      return row;
    }));
    section.querySelector(".none").hidden = papers.length > 0;
  }

  // ---- citations

  function bindCopy(button) {
    var code = button.parentNode.querySelector("code"), said = button.parentNode.querySelector("[role=status]");
    button.addEventListener("click", async function () {
      var done = true;
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch (error) { // not there, or not allowed
        getSelection().selectAllChildren(code);
        done = document.execCommand("copy");
      }
      said.textContent = done ? "복사했습니다." : "복사하지 못했습니다. 선택한 글을 Ctrl+C(맥에서는 ⌘C)로 복사하시기 바랍니다.";
    });
  }

  var opened = document.querySelector(".paper[data-paper]"), since = recordVisit();
  if (opened && opened.dataset.paper) setRead(opened.dataset.paper, true);
  document.querySelectorAll("[data-paper]").forEach(bindMarks);
  refresh();
  document.querySelectorAll(".card.read").forEach(function (card) { fold(card, true); });
  document.querySelectorAll(".tools.of-day").forEach(bindDay);
  document.querySelectorAll(".tools.of-recent").forEach(function (form) { bindRecent(form, since); });
  document.querySelectorAll(".missed").forEach(function (link) { showMissed(link, since); });
  document.querySelectorAll(".copy").forEach(bindCopy);
  addEventListener("storage", refresh); // another tab
  addEventListener("pageshow", function (event) { if (event.persisted) refresh(); });
})();

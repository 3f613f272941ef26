// Searches the indexes of all years, merged, by Pagefind's own API: https://pagefind.app/docs/api/
(function () {
  "use strict";

  var PAGE = 10; // results shown at a time
  var form = document.querySelector(".search");
  if (!form) return;
  if (location.protocol === "file:") {
    form.hidden = true;
    document.getElementById("needs-server").hidden = false;
    return;
  }
  var words = form.elements.q, field = form.elements.field, month = form.elements.month;
  var said = document.getElementById("found"), list = document.getElementById("results"), more = document.getElementById("more");
  var root = document.body.dataset.root, pagefind = null, results = [], shown = 0, asked = 0;
  var address = new URLSearchParams(location.search);

  async function load() {
    var indexes = form.dataset.indexes.trim().split(" ").map(function (path) { return new URL(path, location.href).pathname; });
    pagefind = await import(indexes[0] + "pagefind.js");
    await pagefind.init();
    for (var index of indexes.slice(1)) await pagefind.mergeIndex(index);
    var filters = await pagefind.filters();
    fill(field, filters["분야"] || {}, function (one, other) { return other[1] - one[1]; }, String);
    fill(month, filters["월"] || {}, function (one, other) { return other[0] < one[0] ? -1 : 1; }, monthName);
  }

  function fill(select, counts, order, name) {
    Object.entries(counts).sort(order).forEach(function (entry) {
      select.add(new Option(name(entry[0]) + " (" + entry[1] + ")", entry[0]));
    });
  }

  function monthName(value) { return value.slice(0, 4) + "년 " + Number(value.slice(5)) + "월"; }

  // ---- what is asked stands in the address, so that it survives a reload and can be sent to others

  function readAddress() { // a choice once there are some, the words at once: the reader may type while indexes load
    field.value = address.get("field") || "";
    month.value = address.get("month") || "";
  }

  function writeAddress() {
    var query = new URLSearchParams();
    [words, field, month].forEach(function (input) { if (input.value) query.set(input.name, input.value); });
    history.replaceState(null, "", location.pathname + (query.size ? "?" + query : ""));
  }

  // ---- results

  async function search() {
    var mine = ++asked, filters = {};
    writeAddress();
    if (field.value) filters["분야"] = field.value;
    if (month.value) filters["월"] = month.value;
    var nothing = !words.value.trim() && !field.value && !month.value;
    var answer = nothing ? { results: [] } : await pagefind.search(words.value.trim() || null, { filters: filters });
    if (mine !== asked) return; // the reader has typed on
    results = answer.results;
    shown = 0;
    said.textContent = nothing ? "" : results.length ? "논문 " + results.length + "편을 찾았습니다." : "찾는 논문이 없습니다. 다른 말로 찾아보시기 바랍니다.";
    list.replaceChildren();
    await showMore();
  }

  async function showMore() {
    var mine = asked;
    var next = await Promise.all(results.slice(shown, shown + PAGE).map(function (result) { return result.data(); }));
    if (mine !== asked) return;
    next.forEach(function (data) { list.append(item(data)); });
    shown += next.length;
    more.hidden = shown >= results.length;
  }

  function item(data) {
    var entry = document.createElement("li"), link = document.createElement("a"), text = document.createElement("p");
    link.href = root + (data.raw_url || data.url).replace(/^\/+/, "");
    link.textContent = data.meta.title;
    link.lang = "en";
    var facts = document.createElement("p");
    facts.className = "facts";
    facts.textContent = (data.filters["월"] || []).map(monthName).concat(data.filters["분야"] || []).join(" · ");
    text.append.apply(text, excerpt(data.excerpt));
    entry.append(link, facts, text);
    return entry;
  }

  // Pagefind gives HTML; only its text and what it marks are taken from it.
  function excerpt(html) {
    var parsed = new DOMParser().parseFromString(html, "text/html");
    return Array.from(parsed.body.childNodes, function (node) {
      if (node.nodeName !== "MARK") return node.textContent;
      var mark = document.createElement("mark");
      mark.textContent = node.textContent;
      return mark;
    });
  }

  function start() {
    var waiting = 0;
    words.addEventListener("input", function () {
      clearTimeout(waiting);
      waiting = setTimeout(search, 150);
    });
    [field, month].forEach(function (input) { input.addEventListener("change", search); });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      search();
    });
    more.addEventListener("click", async function () {
      var place = shown;
      await showMore();
      list.children[place].querySelector("a").focus();
    });
  }

  words.value = words.value || address.get("q") || "";
  if (location.hash === "#q") words.focus();
  load().then(function () {
    start();
    readAddress();
    return search();
  }).catch(function () {
    said.textContent = "검색 색인을 불러오지 못했습니다. 잠시 뒤에 다시 여시기 바랍니다.";
  });
})();

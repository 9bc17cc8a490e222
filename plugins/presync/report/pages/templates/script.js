// Names are written in many ways: Ålesund, Aalesund or Alesund; Mäkinen, Maekinen or Makinen; André or Andre.
// A letter or two that are typed, and all the ways in which a name may have them.
var SPELLINGS = {
  "aa": "aa|å", "ae": "ae|ä|æ", "oe": "oe|ö|ø", "ue": "ue|ü", "ss": "ss|ß",
  "å": "å|aa|a", "ä": "ä|æ|ae|a", "æ": "æ|ä|ae|a", "ö": "ö|ø|oe|o", "ø": "ø|ö|oe|o", "ü": "ü|ue|u", "ß": "ß|ss",
  "a": "aa|ae|[aåäæ]", "o": "oe|[oöø]", "u": "ue|[uü]"
};
function plain(text) {
  return text.normalize("NFC").toLowerCase().replace(/[^\u0000-\u007fåäöü]/g, function (letter) {
    return letter.normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  });
}
function spelled(text) {
  return new RegExp(plain(text).replace(/aa|ae|oe|ue|ss|[^]/g, function (part) {
    return SPELLINGS[part] ? "(?:" + SPELLINGS[part] + ")" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }));
}
// Adds a filter above long tables. It looks through every row that the page holds, also those not shown at first.
document.querySelectorAll("table[data-filter]").forEach(function (table) {
  var rows = Array.prototype.slice.call(table.tBodies[0].rows);
  if (rows.length < 8) { return; }
  var more = rows.filter(function (row) { return row.hidden; });
  var label = document.createElement("label");
  var input = document.createElement("input");
  var told = document.createElement("output");
  var texts = null;
  label.className = "filter label";
  label.append(table.dataset.filter + " ", input, " ", told);
  input.type = "search";
  input.addEventListener("input", function () {
    var wanted = input.value.trim() && spelled(input.value.trim());
    var matching = 0;
    texts = texts || rows.map(function (row) { return plain(row.textContent); });
    rows.forEach(function (row, place) {
      var matches = wanted && wanted.test(texts[place]);
      matching += matches ? 1 : 0;
      row.hidden = wanted ? !matches : more.indexOf(row) >= 0;
    });
    told.textContent = wanted ? matching + " / " + rows.length : "";
  });
  table.parentNode.before(label);
});
// A link to one rule opens the fold it is in.
function unfold() {
  var target = location.hash && document.getElementById(location.hash.slice(1));
  var fold = target && target.closest("details");
  if (fold) { fold.open = true; target.scrollIntoView(); }
}
window.addEventListener("hashchange", unfold);
unfold();
// What was found holds until a moment; afterwards the page says so.
document.querySelectorAll("[data-until]").forEach(function (banner) {
  var after = document.querySelector("[data-after]");
  if (!after || !(Date.now() > Date.parse(banner.dataset.until))) { return; }
  banner.hidden = true;
  after.hidden = false;
  document.title = document.title.replace(/^[^–]*/, after.dataset.title + " ");
});
// One box selects all rows that are shown; without the script each has its own.
document.querySelectorAll("input[data-all]").forEach(function (all) {
  all.hidden = false;
  all.addEventListener("change", function () {
    document.getElementsByName(all.dataset.all).forEach(function (box) { box.checked = all.checked; });
  });
});
// Inside Airflow's frame, a link to a page of Airflow's opens in place of the whole page, not in the frame.
document.querySelectorAll("a[data-airflow]").forEach(function (link) {
  link.addEventListener("click", function (event) {
    if (window.parent === window) { return; }
    event.preventDefault();
    var outside = window.parent.document.createElement("a");
    outside.href = link.href;
    window.parent.document.body.append(outside);
    outside.click();
    outside.remove();
  });
});

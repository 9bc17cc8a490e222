// Adds a filter above long tables. Without it every row is simply shown.
document.querySelectorAll("table[data-filter]").forEach(function (table) {
  var rows = Array.prototype.slice.call(table.tBodies[0].rows);
  if (rows.length < 8) { return; }
  var label = document.createElement("label");
  var input = document.createElement("input");
  label.className = "filter label";
  label.append("Show only rows with ", input);
  input.type = "search";
  input.addEventListener("input", function () {
    var wanted = input.value.toLocaleLowerCase();
    rows.forEach(function (row) {
      row.hidden = row.textContent.toLocaleLowerCase().indexOf(wanted) < 0;
    });
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
  document.title = document.title.replace(/^[^–]*/, "No longer ready ");
});

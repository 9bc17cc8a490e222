// Inside Airflow the page follows Airflow's switch between light and dark; opened as a file, the system's.
(function () {
  var chosen = function (root) {
    return ["light", "dark"].filter(function (name) { return root.classList.contains(name); })[0] || "";
  };
  var show = function (theme) {
    document.documentElement.classList.remove("light", "dark");
    if (theme) { document.documentElement.classList.add(theme); }
  };
  var outside = null;
  try { outside = window.parent !== window && window.parent.document.documentElement; } catch (error) { return; }
  if (outside) {
    show(chosen(outside));
    new MutationObserver(function () { show(chosen(outside)); }).observe(outside, {attributeFilter: ["class"]});
  }
})();

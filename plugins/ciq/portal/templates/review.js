"use strict";
document.querySelectorAll("script[data-chart]").forEach((data) => {
  const figure = JSON.parse(data.textContent);
  const settings = { responsive: true, displayModeBar: false };
  Plotly.newPlot(data.dataset.chart, figure.data, figure.layout, settings);
});
// A link to a figure opens what stands behind it.
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = target && target.closest("details:not([open])");
  if (closed) {
    closed.open = true;
    target.scrollIntoView({ block: "center" });
  }
}
addEventListener("hashchange", openTarget);
openTarget();

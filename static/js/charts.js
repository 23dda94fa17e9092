// Draws each chart from the figures in its own table. A bar leads where its figure leads; the table stays one press away.

const Chart = window.Chart;
const drawn = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function figures(table) {
  const columns = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows].map((row) => ({
    label: row.cells[0].textContent.trim(),
    cells: [...row.cells].slice(1).map((cell) => ({
      value: cell.dataset.value === "" ? null : Number(cell.dataset.value),
      text: cell.textContent.trim(),
      url: cell.querySelector("a")?.href || "",
    })),
  }));
  return { columns, rows };
}

// Names at the end of each line, pushed apart where the lines meet.
const names = {
  id: "names",
  afterDatasetsDraw(chart) {
    if (chart.config.type !== "line" || chart.data.datasets.length < 2) return;
    const ends = chart.data.datasets.map((set, index) => {
      const points = chart.getDatasetMeta(index).data.filter((_, at) => set.data[at] !== null);
      return { set, point: points.at(-1) };
    });
    let above = -Infinity;
    for (const { set, point } of ends.filter((end) => end.point).sort((a, b) => a.point.y - b.point.y)) {
      above = Math.max(point.y, above + 14);
      chart.ctx.fillStyle = set.borderColor;
      chart.ctx.font = `600 12px ${Chart.defaults.font.family}`;
      chart.ctx.textBaseline = "middle";
      chart.ctx.fillText(set.label, point.x + 8, above);
    }
  },
};

function paint(chart) {
  const text = colour("--muted");
  const line = colour("--line");
  chart.data.datasets.forEach((set, index) => {
    const own = colour(`--series-${(index % 5) + 1}`);
    Object.assign(set, { backgroundColor: own, borderColor: own, pointBackgroundColor: own, pointBorderColor: own });
  });
  for (const axis of Object.values(chart.options.scales)) {
    axis.ticks.color = axis.title.color = text;
    axis.grid.color = line;
  }
  chart.options.plugins.legend.labels.color = text;
  chart.update();
}

// A long name is cut at the axis; it stands whole in the table. On a phone lines share their width with the names beside them.
function cut(value) {
  const label = this.getLabelForValue(value);
  const besides = this.chart.config.type === "line" ? 13 : 16;
  const most = this.chart.width < 420 ? besides : 24;
  return label.length > most ? `${label.slice(0, most - 1)}…` : label;
}

function axis(isValues, unit, stacked, isSide = false) {
  return {
    stacked,
    beginAtZero: isValues,
    border: { display: false },
    grid: { display: isValues },
    offset: !isValues, // lines too: without it, the library skips too few labels for them to stand apart
    ticks: isValues ? { precision: 0, maxTicksLimit: 6 } : { callback: cut, autoSkip: !isSide, maxRotation: 0, autoSkipPadding: 6 },
    title: { display: isValues && Boolean(unit), text: unit },
  };
}

function options(figure, kind, rows, columns) {
  const sideways = "sideways" in figure.dataset;
  const stacked = kind === "stacked";
  const cellAt = (hit) => rows[hit.index ?? hit.dataIndex].cells[hit.datasetIndex];
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    indexAxis: sideways ? "y" : "x",
    interaction: { mode: "nearest", intersect: kind !== "line" },
    layout: { padding: { right: kind === "line" && columns.length > 1 ? 8 * Math.max(...columns.map((one) => one.length)) + 10 : 0 } }, // for their names
    scales: {
      x: axis(sideways, figure.dataset.unit, stacked),
      y: axis(!sideways, figure.dataset.unit, stacked, sideways),
    },
    plugins: {
      colors: { enabled: false },
      legend: { display: kind !== "line" && columns.length > 1, position: "bottom", labels: { boxWidth: 12, boxHeight: 12 } },
      tooltip: { callbacks: { label: (hit) => `${hit.dataset.label}: ${cellAt(hit).text}` } },
    },
    onClick: (_event, hits) => {
      const url = hits.length ? cellAt(hits[0]).url : "";
      if (url) window.location.assign(url);
    },
    onHover: (event, hits) => {
      event.native.target.style.cursor = hits.length && cellAt(hits[0]).url ? "pointer" : "default";
    },
  };
}

function draw(figure) {
  const kind = figure.dataset.chart;
  const details = figure.querySelector(".chart-figures");
  if (!details || "empty" in figure.dataset || figure.dataset.done) return;
  figure.dataset.done = "yes";
  const { columns, rows } = figures(details.querySelector("table"));
  const area = figure.querySelector(".chart-drawn");
  area.hidden = false;
  if ("sideways" in figure.dataset) area.style.height = `${Math.max(8, rows.length * 1.75 + 4)}rem`;
  const datasets = columns.map((label, index) => ({
    label,
    data: rows.map((row) => row.cells[index].value),
    maxBarThickness: 32,
    borderWidth: kind === "line" ? 2.5 : 0,
    borderRadius: 3,
    pointRadius: rows.length > 40 ? 0 : 3,
    pointHitRadius: 12,
    spanGaps: true,
  }));
  const chart = new Chart(figure.querySelector("canvas"), {
    type: kind === "line" ? "line" : "bar",
    data: { labels: rows.map((row) => row.label), datasets },
    options: options(figure, kind, rows, columns),
    plugins: [names],
  });
  paint(chart);
  drawn.push({ chart, details });
  details.open = false;
}

function begin(root) {
  if (!Chart) return; // the figures stand in their tables
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  root.querySelectorAll("[data-chart]").forEach(draw);
}

function repaint() {
  for (const { chart } of drawn) if (chart.canvas?.isConnected) paint(chart);
}

begin(document);
document.addEventListener("htmx:afterSwap", (event) => begin(event.detail.target || document));
new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
window.addEventListener("beforeprint", () => {
  repaint();
  for (const each of drawn) {
    each.wasOpen = each.details.open;
    each.details.open = true;
    each.chart.resize();
  }
});
window.addEventListener("afterprint", () => {
  for (const each of drawn) {
    each.details.open = each.wasOpen;
    each.chart.resize();
  }
});

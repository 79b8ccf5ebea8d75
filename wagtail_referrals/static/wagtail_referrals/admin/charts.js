// Draws each table that has data-chart as a picture above it. The table stays what is read.
(() => {
  "use strict";

  const SHAPES = ["circle", "rectRot", "triangle", "rect", "star", "crossRot"];
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [1, 2]];
  const SERIES = 6;
  const drawn = new Map();

  // Colours come from the stylesheet: it knows the theme, and who needs colours of their own.
  const coloursOf = (box) => {
    const read = (name) => {
      box.style.color = `var(--chart-${name})`;
      const found = getComputedStyle(box).color;
      box.style.color = "";
      return found;
    };
    return {
      series: Array.from({ length: SERIES }, (_none, number) => read(number + 1)),
      text: read("text"),
      grid: read("grid"),
      surface: read("surface"),
    };
  };

  // The first series is filled; others have lines, dots or squares on it.
  const fill = (context, colour, surface, number) => {
    if (!number) return colour;
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = pen.fillStyle = surface;
    pen.lineWidth = 1.5;
    pen.beginPath();
    if (number % 5 === 1) [[-4, 4], [0, 8], [4, 12]].forEach(([x, y]) => {
      pen.moveTo(x, y);
      pen.lineTo(x + 8, y - 8);
    });
    if (number % 5 === 2) pen.rect(2, 2, 2, 2);
    if (number % 5 === 3) { pen.moveTo(0, 4); pen.lineTo(8, 4); }
    if (number % 5 === 4) { pen.moveTo(4, 0); pen.lineTo(4, 8); }
    if (number % 5 === 0) pen.strokeRect(1, 1, 5, 5);
    pen.stroke();
    return context.createPattern(tile, "repeat");
  };

  const numberOf = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));

  const seriesOf = (table, context, colours) => {
    const kind = table.dataset.chart;
    const rows = [...table.tBodies[0].rows];
    return [...table.tHead.querySelectorAll("th")].map((heading, number) => {
      const colour = colours.series[number % SERIES];
      const common = {
        label: heading.textContent,
        data: rows.map((row) => numberOf(row.querySelectorAll("td")[number])),
        borderColor: colour,
      };
      if (kind !== "line") {
        const pattern = fill(context, colour, colours.surface, number);
        return { ...common, backgroundColor: pattern, borderWidth: 1 };
      }
      return {
        ...common,
        backgroundColor: colour,
        borderDash: DASHES[number % SERIES],
        borderWidth: 2,
        pointStyle: SHAPES[number % SERIES],
        pointRadius: rows.length > 40 ? 2 : 4,
        spanGaps: false,
      };
    });
  };

  // What is said of a point is what its cell says: the server knows how money is written.
  const saidOf = (table) => (item) => {
    const cell = table.tBodies[0].rows[item.dataIndex].querySelectorAll("td")[item.datasetIndex];
    return `${item.dataset.label}: ${cell.textContent.trim()}`;
  };

  const options = (table, colours, series) => {
    const stacked = table.dataset.chart === "stacked";
    const written = new Intl.NumberFormat(document.documentElement.lang || undefined);
    const words = { color: colours.text, font: { size: 12 } };
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: {
          display: series.length > 1,
          position: "bottom",
          labels: { ...words, usePointStyle: table.dataset.chart === "line", boxHeight: 10 },
        },
        tooltip: { callbacks: { label: saidOf(table) } },
      },
      scales: {
        x: { stacked, ticks: { ...words, maxRotation: 45 }, grid: { display: false } },
        y: {
          stacked,
          beginAtZero: true,
          ticks: {
            ...words,
            callback: (value) => written.format(value),
            maxTicksLimit: 7,
            precision: table.dataset.unit === "count" ? 0 : undefined,
          },
          grid: { color: colours.grid },
        },
      },
    };
  };

  const draw = (table) => {
    const figure = table.closest("figure");
    let box = figure.querySelector(".referrals-chart__canvas");
    if (!box) {
      box = document.createElement("div");
      box.className = "referrals-chart__canvas";
      const details = table.closest("details");
      details.before(box);
      details.open = false;
    }
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", table.dataset.label);
    box.replaceChildren(canvas);
    const colours = coloursOf(box);
    const datasets = seriesOf(table, canvas.getContext("2d"), colours);
    const labels = [...table.tBodies[0].rows].map((row) => row.querySelector("th").textContent);
    drawn.get(table)?.destroy();
    drawn.set(table, new Chart(canvas, {
      type: table.dataset.chart === "line" ? "line" : "bar",
      data: { labels, datasets },
      options: options(table, colours, datasets),
    }));
  };

  const drawAll = (within = document) => {
    for (const [table, chart] of drawn) {
      if (table.isConnected) continue;
      chart.destroy();
      drawn.delete(table);
    }
    within.querySelectorAll("table[data-chart]").forEach(draw);
  };

  // On paper: in dark ink, as wide as the page, and with every table open.
  let opened = [];
  const lay = (isOnPaper) => {
    document.querySelectorAll(".referrals-chart").forEach((figure) => {
      figure.classList.toggle("is-on-paper", isOnPaper);
    });
    if (isOnPaper) {
      opened = [...document.querySelectorAll(".referrals-chart__numbers:not([open])")];
    }
    opened.forEach((details) => { details.open = isOnPaper; });
    drawAll();
    drawn.forEach((chart) => (isOnPaper ? chart.resize(640, 240) : chart.resize()));
  };

  if (!window.Chart) return;
  drawAll();
  window.referralsCharts = { draw: drawAll };
  addEventListener("beforeprint", () => lay(true));
  addEventListener("afterprint", () => lay(false));
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", () => drawAll());
  }
  new MutationObserver(() => drawAll()).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["class"],
  });
})();

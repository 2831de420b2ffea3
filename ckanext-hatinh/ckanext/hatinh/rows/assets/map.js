/* Draws the rows of a table as points. Everything comes from this portal; values are written as text. */
"use strict";

(function () {
  const colours = { ink: "#0b4f4c", point: "#b4531a", line: "#9ab5b0" };

  const language = document.documentElement.lang || "vi";

  /* As the table says it: 71.234,5 and 05/09/2026; codes and years have no marks. */
  function said(name, value, codes) {
    if (typeof value === "object") { return JSON.stringify(value); }
    if (codes.includes(name)) { return String(value); }
    if (typeof value === "number") {
      return value.toLocaleString(language, { maximumFractionDigits: 6, useGrouping: Math.abs(value) >= 10000 });
    }
    const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
    return day && language !== "en" ? `${day[3]}/${day[2]}/${day[1]}` : String(value);
  }

  function card(properties, labels, codes) {
    const list = document.createElement("dl");
    Object.entries(properties).forEach(([name, value]) => {
      if (value === null || value === "") { return; }
      const term = document.createElement("dt");
      const words = document.createElement("dd");
      term.textContent = labels[name] || name;
      words.textContent = said(name, value, codes);
      list.append(term, words);
    });
    return list;
  }

  function ground(map, settings) {
    if (settings.tiles) {
      L.tileLayer(settings.tiles, { attribution: settings.credit, maxZoom: 18 }).addTo(map);
    } else {
      settings.communes.forEach(([lat, lon, name]) => {
        L.circleMarker([lat, lon], { radius: 2, color: colours.line, interactive: false })
          .bindTooltip(name, { permanent: true, direction: "right", className: "ht-map__place" })
          .addTo(map);
      });
    }
    if (settings.boundaries) {
      fetch(settings.boundaries)
        .then((answer) => answer.json())
        .then((found) => {
          L.geoJSON(found, { style: { color: colours.line, weight: 1, fillOpacity: 0.05 } })
            .addTo(map).bringToBack();
        });
    }
  }

  /* Names of communes would cover each other while the map is small. */
  function calm(map) {
    const pane = map.getPane("tooltipPane");
    const show = () => { pane.style.visibility = map.getZoom() < 11 ? "hidden" : "visible"; };
    map.on("zoomend", show);
    show();
  }

  function draw(box) {
    const settings = JSON.parse(box.dataset.settings);
    const map = L.map(box, { attributionControl: Boolean(settings.tiles) })
      .setView([18.33, 105.9], 9);
    ground(map, settings);
    calm(map);
    fetch(box.dataset.rows)
      .then((answer) => { if (!answer.ok) { throw new Error(answer.status); } return answer.json(); })
      .then((found) => {
        const points = L.geoJSON(found, {
          filter: (feature) => feature.geometry !== null,
          pointToLayer: (_feature, place) => L.circleMarker(place, {
            radius: 7, weight: 1.5, color: "#fff", fillColor: colours.point, fillOpacity: 0.85,
          }),
          onEachFeature: (feature, layer) => {
            layer.bindPopup(() => card(feature.properties, settings.labels, settings.codes));
          },
        }).addTo(map);
        if (points.getLayers().length) {
          map.fitBounds(points.getBounds(), { padding: [24, 24], maxZoom: 13 });
        }
        box.dataset.drawn = String(points.getLayers().length);
      })
      .catch(() => { box.dataset.drawn = "0"; box.hidden = true; });
  }

  document.querySelectorAll("[data-rows][data-settings]").forEach(draw);
}());

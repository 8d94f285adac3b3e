// Districts with their real borders, in the colours of their state. The tiles below say the same without a map.
"use strict";

let map = null;
let layer = null;

async function draw() {
  const place = document.getElementById("map");
  if (!place || typeof L === "undefined") return;
  const answer = await fetch(place.dataset.shapes);
  if (!answer.ok) return;
  const shapes = await answer.json();
  if (!shapes.features.length) return;
  place.hidden = false;
  if (!map || map.getContainer() !== place) {
    if (map) map.remove();
    map = L.map(place, { zoomSnap: 0.25, scrollWheelZoom: false, attributionControl: Boolean(shapes.attribution) });
    if (shapes.attribution) map.attributionControl.setPrefix(false).addAttribution(escaped(shapes.attribution));
    layer = null;
  }
  const fresh = L.geoJSON(shapes, {
    style: (feature) => ({ className: `shape ${feature.properties.state}` }),
    onEachFeature: (feature, drawn) => {
      drawn.bindTooltip(escaped(feature.properties.label), { sticky: true });
      drawn.on("click", () => { window.location.search = `?district=${feature.id}`; });
    },
  });
  if (layer) layer.remove();
  layer = fresh.addTo(map);
  map.fitBounds(layer.getBounds(), { padding: [6, 6] });
}

// Leaflet takes texts as HTML.
function escaped(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}

document.addEventListener("DOMContentLoaded", draw);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "moving") draw();
});
